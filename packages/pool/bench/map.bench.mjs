// A function over a million numbers. The Node peers have no such map: their users send chunks.
import { contendersOf } from "../../../scripts/bench/contenders.mjs";

const { node, python } = contendersOf(import.meta);

export default {
  title: "pool, map of 1,000,000 numbers",
  unit: "items/s",
  better: "higher",
  aim: ">= 8,000,000/s",
  contenders: [
    node("cordage Pool", "programs/map.mjs", "process"),
    node("cordage ThreadPool", "programs/map.mjs", "thread"),
    python("CPython Pool", "peers/pool.py", "map"),
    node("piscina, chunks of 10,000 by hand", "peers/map.mjs", "piscina"),
    node("tinypool, chunks of 10,000 by hand", "peers/map.mjs", "tinypool"),
    node("workerpool, chunks of 10,000 by hand", "peers/map.mjs", "workerpool"),
    node("poolifier, chunks of 10,000 by hand", "peers/map.mjs", "poolifier"),
  ],
};
