// Taking and releasing a lock that nobody else wants: two calls.
import { contendersOf } from "../../../scripts/bench/contenders.mjs";

const { node, python } = contendersOf(import.meta);

export default {
  title: "manager, lock, uncontended pair",
  unit: "us",
  better: "lower",
  contenders: [
    node("cordage sync", "programs/lock-pair.mjs", "sync"),
    node("cordage promise", "programs/lock-pair.mjs", "promise"),
    python("CPython", "peers/manager.py", "lock-pair"),
  ],
};
