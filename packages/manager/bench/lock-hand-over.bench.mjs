// Two processes take turns: each waits for a lock that the other releases. The time of one turn.
import { contendersOf } from "../../../scripts/bench/contenders.mjs";

const { node, python } = contendersOf(import.meta);

export default {
  title: "manager, lock, hand-over between two processes",
  unit: "us",
  better: "lower",
  contenders: [
    node("cordage sync", "programs/lock-hand-over.mjs", "sync"),
    node("cordage promise", "programs/lock-hand-over.mjs", "promise"),
    python("CPython", "peers/manager.py", "lock-hand-over"),
  ],
};
