// Many sets in flight: promises that are not waited for one by one. CPython's proxies have no such form: one at a time.
import { contendersOf } from "../../../scripts/bench/contenders.mjs";

const { node, python } = contendersOf(import.meta);

export default {
  title: "manager, dict set, 10,000 in flight",
  unit: "sets/s",
  better: "higher",
  aim: ">= 100,000/s",
  contenders: [
    node("cordage promise", "programs/dict-pipelined.mjs"),
    python("CPython, one at a time", "peers/manager.py", "dict-set-rate"),
    node("child_process.fork and a Map", "peers/dict-pipelined.mjs", "fork"),
    node("node:net, JSON lines and a Map", "peers/dict-pipelined.mjs", "lines"),
  ],
};
