// Starts with what Node has: node|fork|thread.
import { fork, spawn } from "node:child_process";
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { count, report, seconds } from "../../../../scripts/bench/program.mjs";

const nothing = new URL("nothing.mjs", import.meta.url);
const start = {
  node: () => spawn(process.execPath, ["-e", "0"]),
  fork: () => fork(nothing),
  thread: () => new Worker(nothing),
}[process.argv[2]];

const n = count(20);
await once(start(), "exit");
const took = await seconds(async () => {
  for (let i = 0; i < n; i++) await once(start(), "exit");
});
report((took / n) * 1e3);
