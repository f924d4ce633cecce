// Counting primes, next to the same without a pool. With two workers 2 is the most there can be.
import { contendersOf } from "../../../scripts/bench/contenders.mjs";

const { node, python } = contendersOf(import.meta);

export default {
  title: "pool, speed-up of counting primes in 32 ranges",
  unit: "x",
  better: "higher",
  contenders: [
    node("cordage Pool", "programs/cpu.mjs", "process"),
    node("cordage ThreadPool", "programs/cpu.mjs", "thread"),
    python("CPython Pool", "peers/pool.py", "cpu"),
    node("piscina", "peers/cpu.mjs", "piscina"),
    node("tinypool", "peers/cpu.mjs", "tinypool"),
    node("workerpool", "peers/cpu.mjs", "workerpool"),
    node("poolifier", "peers/cpu.mjs", "poolifier"),
  ],
};
