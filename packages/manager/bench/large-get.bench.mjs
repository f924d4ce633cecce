// Values of 1 MiB, a Buffer or bytes, one after the other.
import { contendersOf } from "../../../scripts/bench/contenders.mjs";

const { node, python } = contendersOf(import.meta);

export default {
  title: "manager, dict get of 1 MiB",
  unit: "MB/s",
  better: "higher",
  contenders: [
    node("cordage sync", "programs/large.mjs", "get", "sync"),
    node("cordage promise", "programs/large.mjs", "get", "promise"),
    python("CPython", "peers/manager.py", "large-get"),
    node("child_process.fork, advanced serialization", "peers/large.mjs", "fork", "get"),
  ],
};
