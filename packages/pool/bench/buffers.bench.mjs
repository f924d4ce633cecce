// 1 MiB of bytes to a worker and back, several in flight; both directions count. A moved buffer is not copied, and the
// sender has it no more.
import { contendersOf } from "../../../scripts/bench/contenders.mjs";

const { node, python } = contendersOf(import.meta);

export default {
  title: "pool, 1 MiB both ways",
  unit: "MB/s",
  better: "higher",
  aim: ">= 3,000 MB/s",
  contenders: [
    node("cordage Pool", "programs/buffers.mjs", "process"),
    node("cordage ThreadPool", "programs/buffers.mjs", "thread"),
    python("CPython Pool", "peers/pool.py", "buffers"),
    node("piscina", "peers/buffers.mjs", "copy", "piscina"),
    node("piscina, moved", "peers/buffers.mjs", "move", "piscina"),
    node("tinypool", "peers/buffers.mjs", "copy", "tinypool"),
    node("tinypool, moved", "peers/buffers.mjs", "move", "tinypool"),
    node("workerpool", "peers/buffers.mjs", "copy", "workerpool"),
    node("workerpool, moved", "peers/buffers.mjs", "move", "workerpool"),
    node("poolifier", "peers/buffers.mjs", "copy", "poolifier"),
    node("poolifier, moved there, copied back", "peers/buffers.mjs", "move", "poolifier"),
    node("tinypool, child_process", "peers/buffers.mjs", "copy", "tinypool", "child_process"),
    node("workerpool, process", "peers/buffers.mjs", "copy", "workerpool", "process"),
  ],
};
