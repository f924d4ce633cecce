// One greenthread puts numbers on a queue of at most 100, another one takes them. The time of one.
import { contendersOf } from "../../../scripts/bench/contenders.mjs";

const { node, python } = contendersOf(import.meta);

export default {
  title: "eventlet, an item through a queue",
  unit: "us",
  better: "lower",
  contenders: [
    node("cordage", "programs/queue.mjs", "100"),
    python("CPython eventlet", "peers/python.py", "queue", "100"),
  ],
};
