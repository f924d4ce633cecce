// An item put and got again, by one client: two calls.
import { contendersOf } from "../../../scripts/bench/contenders.mjs";

const { node, python } = contendersOf(import.meta);

export default {
  title: "manager, queue, put and get",
  unit: "us",
  better: "lower",
  contenders: [
    node("cordage sync", "programs/queue.mjs", "sync"),
    node("cordage promise", "programs/queue.mjs", "promise"),
    python("CPython", "peers/manager.py", "queue"),
  ],
};
