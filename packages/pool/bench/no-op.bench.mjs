// Tasks that do nothing, all in flight: what the pool itself costs.
import { contendersOf } from "../../../scripts/bench/contenders.mjs";

const { node, python } = contendersOf(import.meta);

export default {
  title: "pool, 20,000 tasks in flight",
  unit: "tasks/s",
  better: "higher",
  aim: ">= 300,000/s",
  contenders: [
    node("cordage Pool", "programs/no-op.mjs", "process"),
    node("cordage ThreadPool", "programs/no-op.mjs", "thread"),
    python("CPython Pool", "peers/pool.py", "no-op"),
    node("piscina", "peers/no-op.mjs", "piscina"),
    node("piscina, 64 tasks per worker", "peers/no-op.mjs", "piscina", "64"),
    node("tinypool", "peers/no-op.mjs", "tinypool"),
    node("tinypool, 64 tasks per worker", "peers/no-op.mjs", "tinypool", "worker_threads", "64"),
    node("workerpool", "peers/no-op.mjs", "workerpool"),
    node("poolifier", "peers/no-op.mjs", "poolifier"),
    node("tinypool, child_process", "peers/no-op.mjs", "tinypool", "child_process"),
    node("workerpool, process", "peers/no-op.mjs", "workerpool", "process"),
  ],
};
