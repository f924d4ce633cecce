// One item after the other, from one client: there and back.
import { contendersOf } from "../../../scripts/bench/contenders.mjs";

const { node, python } = contendersOf(import.meta);

export default {
  title: "manager, dict get",
  unit: "us",
  better: "lower",
  contenders: [
    node("cordage sync", "programs/dict.mjs", "get", "sync"),
    node("cordage promise", "programs/dict.mjs", "get", "promise"),
    python("CPython", "peers/manager.py", "dict-get"),
    node("child_process.fork and a Map", "peers/dict.mjs", "fork", "get"),
    node("node:net, JSON lines and a Map", "peers/dict.mjs", "lines", "get"),
  ],
};
