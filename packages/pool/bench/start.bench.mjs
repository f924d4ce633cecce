// From creating the pool to the first result.
import { contendersOf } from "../../../scripts/bench/contenders.mjs";

const { node, python } = contendersOf(import.meta);

export default {
  title: "pool, first result of a new pool",
  unit: "ms",
  better: "lower",
  contenders: [
    node("cordage Pool", "programs/start.mjs", "process"),
    node("cordage ThreadPool", "programs/start.mjs", "thread"),
    python("CPython Pool", "peers/pool.py", "start"),
    node("piscina", "peers/start.mjs", "piscina"),
    node("tinypool", "peers/start.mjs", "tinypool"),
    node("workerpool", "peers/start.mjs", "workerpool"),
    node("poolifier", "peers/start.mjs", "poolifier"),
    node("tinypool, child_process", "peers/start.mjs", "tinypool", "child_process"),
    node("workerpool, process", "peers/start.mjs", "workerpool", "process"),
  ],
};
