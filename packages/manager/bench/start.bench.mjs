// From nothing to the first item: the server's process has to boot.
import { contendersOf } from "../../../scripts/bench/contenders.mjs";

const { node, python } = contendersOf(import.meta);

export default {
  title: "manager, first set of a new manager",
  unit: "ms",
  better: "lower",
  contenders: [
    node("cordage sync", "programs/start.mjs", "sync"),
    node("cordage promise", "programs/start.mjs", "promise"),
    python("CPython", "peers/manager.py", "start"),
    node("child_process.fork and a Map", "peers/start.mjs", "fork"),
    node("node:net, JSON lines and a Map", "peers/start.mjs", "lines"),
  ],
};
