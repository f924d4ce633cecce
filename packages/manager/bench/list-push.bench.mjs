// An item at the end of a list, one after the other.
import { contendersOf } from "../../../scripts/bench/contenders.mjs";

const { node, python } = contendersOf(import.meta);

export default {
  title: "manager, list push",
  unit: "us",
  better: "lower",
  contenders: [
    node("cordage sync", "programs/list-push.mjs", "sync"),
    node("cordage promise", "programs/list-push.mjs", "promise"),
    python("CPython append", "peers/manager.py", "list-push"),
    node("child_process.fork and an array", "peers/list-push.mjs", "fork"),
    node("node:net, JSON lines and an array", "peers/list-push.mjs", "lines"),
  ],
};
