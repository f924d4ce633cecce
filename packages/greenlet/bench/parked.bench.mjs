// Greenlets that have switched away, and wait: what each adds to the memory of the process (resident, of /proc/self/statm).
import { contendersOf } from "../../../scripts/bench/contenders.mjs";

const { nodeWith, python } = contendersOf(import.meta);

export default {
  title: "greenlet, memory of a parked one",
  unit: "bytes",
  better: "lower",
  aim: "<= 12,288 bytes, 100,000 at once",
  contenders: [
    nodeWith("cordage, stack engine, 100,000", ["--expose-gc"], "programs/parked.mjs", "stack", "100000"),
    nodeWith("cordage, threads engine, 10,000", ["--expose-gc"], "programs/parked.mjs", "threads", "10000"),
    python("CPython greenlet, 100,000", "peers/python.py", "parked", "100000"),
  ],
};
