// Taking and releasing a lock that nobody else wants.
import { contendersOf } from "../../../scripts/bench/contenders.mjs";

const { node, python, c } = contendersOf(import.meta);

export default {
  title: "lock, uncontended pair",
  unit: "ns",
  better: "lower",
  aim: "<= 50 ns",
  contenders: [
    node("cordage acquireSync", "programs/lock-pair.mjs", "acquireSync"),
    node("cordage tryAcquire", "programs/lock-pair.mjs", "tryAcquire"),
    python("CPython Lock", "peers/lock_pair.py"),
    c("C floor: pthread mutex", "peers/lock_pair.c"),
  ],
};
