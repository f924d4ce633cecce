// One item after the other, from one client: there and back.
import { contendersOf } from "../../../scripts/bench/contenders.mjs";

const { node, python } = contendersOf(import.meta);

export default {
  title: "manager, dict set",
  unit: "us",
  better: "lower",
  aim: "<= CPython",
  contenders: [
    node("cordage sync", "programs/dict.mjs", "set", "sync"),
    node("cordage promise", "programs/dict.mjs", "set", "promise"),
    python("CPython", "peers/manager.py", "dict-set"),
    node("child_process.fork and a Map", "peers/dict.mjs", "fork", "set"),
    node("node:net, JSON lines and a Map", "peers/dict.mjs", "lines", "set"),
  ],
};
