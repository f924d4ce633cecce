// From nothing to the first item: PEER.
import { report } from "../../../../scripts/bench/program.mjs";
import { peer } from "./peer.mjs";

const began = performance.now();
const client = await peer.open();
await client.set("first", 1);
report(performance.now() - began);
client.close();
