// From nothing to the first result: PEER.
import { report } from "../../../../scripts/bench/program.mjs";
import { loadPeer } from "./pool.mjs";

const open = await loadPeer();
const began = performance.now();
const pool = open();
await pool.run("identity", 1);
report(performance.now() - began);
await pool.close();
