// Starting a process that does nothing, and waiting for its end.
import { contendersOf } from "../../../scripts/bench/contenders.mjs";

const { node, nodeWith, python, c } = contendersOf(import.meta);

export default {
  title: "start and join a process that does nothing",
  unit: "ms",
  better: "lower",
  aim: "forkserver <= 4 ms, spawn <= 1.15 x node -e 0",
  contenders: [
    node("cordage forkserver", "programs/start.mjs", "forkserver"),
    node("cordage forkserver, preloaded", "programs/start.mjs", "forkserver", "preload"),
    nodeWith("cordage fork", ["--single-threaded", "--v8-pool-size=0"], "programs/start.mjs", "fork"),
    node("cordage spawn", "programs/start.mjs", "spawn"),
    node("cordage thread", "programs/start.mjs", "thread"),
    python("CPython fork", "peers/start.py", "fork"),
    python("CPython forkserver", "peers/start.py", "forkserver"),
    python("CPython spawn", "peers/start.py", "spawn"),
    node("node -e 0", "peers/start.mjs", "node"),
    node("child_process.fork", "peers/start.mjs", "fork"),
    node("worker_threads Worker", "peers/start.mjs", "thread"),
    c("C floor: fork", "peers/start.c"),
  ],
};
