// Results one by one, as they come. The Node peers have no imap: their users keep some tasks in flight.
import { contendersOf } from "../../../scripts/bench/contenders.mjs";

const { node, python } = contendersOf(import.meta);

export default {
  title: "pool, imapUnordered of 20,000 items",
  unit: "items/s",
  better: "higher",
  contenders: [
    node("cordage Pool", "programs/imap.mjs", "process"),
    node("cordage ThreadPool", "programs/imap.mjs", "thread"),
    python("CPython Pool", "peers/pool.py", "imap"),
    node("piscina, 64 in flight by hand", "peers/imap.mjs", "piscina"),
    node("piscina, 64 per worker, 64 in flight by hand", "peers/imap.mjs", "piscina", "64"),
    node("tinypool, 64 in flight by hand", "peers/imap.mjs", "tinypool"),
    node("tinypool, 64 per worker, 64 in flight by hand", "peers/imap.mjs", "tinypool", "worker_threads", "64"),
    node("workerpool, 64 in flight by hand", "peers/imap.mjs", "workerpool"),
    node("poolifier, 64 in flight by hand", "peers/imap.mjs", "poolifier"),
  ],
};
