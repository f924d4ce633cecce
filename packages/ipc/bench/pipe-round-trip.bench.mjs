// `[12, { name: "yuan" }, "hello"]` to another process and back.
import { contendersOf } from "../../../scripts/bench/contenders.mjs";

const { node, python, c } = contendersOf(import.meta);

export default {
  title: "pipe, round trip of a small value",
  unit: "us",
  better: "lower",
  aim: "sync <= 8 us, promises <= 60 us",
  contenders: [
    node("cordage sync", "programs/pipe.mjs", "sync", "value"),
    node("cordage promises", "programs/pipe.mjs", "promises", "value"),
    python("CPython Pipe", "peers/pipe.py", "value"),
    node("worker_threads postMessage", "peers/echo-messages.mjs", "thread", "value"),
    node("child_process.send", "peers/echo-messages.mjs", "process", "value"),
    c("C floor: socketpair, 32 B", "peers/socketpair.c", "32"),
  ],
};
