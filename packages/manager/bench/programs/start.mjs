// From nothing to the first item: sync|promise.
import { Manager } from "@cordage/manager";
import { report } from "../../../../scripts/bench/program.mjs";

const began = performance.now();
const manager = await Manager();
const d = await manager.dict();
if (process.argv[2] === "sync") d.sync.set("first", 1);
else await d.set("first", 1);
report(performance.now() - began);
await manager.shutdown();
