// The same dict, from eight client processes at once, each one item after the other.
import { contendersOf } from "../../../scripts/bench/contenders.mjs";

const { node, python } = contendersOf(import.meta);

export default {
  title: "manager, dict set from 8 client processes",
  unit: "sets/s",
  better: "higher",
  contenders: [
    node("cordage sync", "programs/dict-clients.mjs", "set", "sync"),
    node("cordage promise", "programs/dict-clients.mjs", "set", "promise"),
    python("CPython", "peers/manager.py", "dict-set-clients"),
    node("child_process.fork and a Map", "peers/dict-clients.mjs", "fork", "set"),
    node("node:net, JSON lines and a Map", "peers/dict-clients.mjs", "lines", "set"),
  ],
};
