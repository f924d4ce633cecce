// One greenthread hands numbers to another through a queue of size 0. The time of one.
import { contendersOf } from "../../../scripts/bench/contenders.mjs";

const { node, python } = contendersOf(import.meta);

export default {
  title: "eventlet, an item through a channel",
  unit: "us",
  better: "lower",
  contenders: [node("cordage", "programs/queue.mjs", "0"), python("CPython eventlet", "peers/python.py", "queue", "0")],
};
