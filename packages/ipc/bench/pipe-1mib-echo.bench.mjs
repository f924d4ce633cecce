// 1 MiB of bytes to another process and back; both directions count.
import { contendersOf } from "../../../scripts/bench/contenders.mjs";

const { node, python, c } = contendersOf(import.meta);

export default {
  title: "pipe, echo of 1 MiB",
  unit: "MB/s",
  better: "higher",
  aim: ">= 3,000 MB/s",
  contenders: [
    node("cordage sync", "programs/pipe.mjs", "sync", "bytes"),
    node("cordage promises", "programs/pipe.mjs", "promises", "bytes"),
    python("CPython Pipe", "peers/pipe.py", "bytes"),
    node("worker_threads postMessage", "peers/echo-messages.mjs", "thread", "bytes"),
    node("child_process.send", "peers/echo-messages.mjs", "process", "bytes"),
    c("C floor: socketpair, 1 MiB", "peers/socketpair.c", "1048576"),
  ],
};
