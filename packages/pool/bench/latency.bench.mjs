// One task at a time: there and back.
import { contendersOf } from "../../../scripts/bench/contenders.mjs";

const { node, python } = contendersOf(import.meta);

export default {
  title: "pool, one task at a time",
  unit: "us",
  better: "lower",
  contenders: [
    node("cordage Pool", "programs/latency.mjs", "process"),
    node("cordage ThreadPool", "programs/latency.mjs", "thread"),
    python("CPython Pool", "peers/pool.py", "latency"),
    node("piscina", "peers/latency.mjs", "piscina"),
    node("tinypool", "peers/latency.mjs", "tinypool"),
    node("workerpool", "peers/latency.mjs", "workerpool"),
    node("poolifier", "peers/latency.mjs", "poolifier"),
    node("tinypool, child_process", "peers/latency.mjs", "tinypool", "child_process"),
    node("workerpool, process", "peers/latency.mjs", "workerpool", "process"),
  ],
};
