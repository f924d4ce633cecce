// Values of 1 MiB, a Buffer or bytes, one after the other.
import { contendersOf } from "../../../scripts/bench/contenders.mjs";

const { node, python } = contendersOf(import.meta);

export default {
  title: "manager, dict set of 1 MiB",
  unit: "MB/s",
  better: "higher",
  contenders: [
    node("cordage sync", "programs/large.mjs", "set", "sync"),
    node("cordage promise", "programs/large.mjs", "set", "promise"),
    python("CPython", "peers/manager.py", "large-set"),
    node("child_process.fork, advanced serialization", "peers/large.mjs", "fork", "set"),
  ],
};
