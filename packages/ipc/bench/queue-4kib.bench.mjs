// Items of 4 KiB from 1 producer to one consumer.
import { contendersOf } from "../../../scripts/bench/contenders.mjs";

const { node, python } = contendersOf(import.meta);

export default {
  title: "queue, 1 producer, 1 consumer, 4 KiB",
  unit: "items/s",
  better: "higher",
  contenders: [
    node("cordage sync", "programs/queue.mjs", "sync", "1", "4096"),
    node("cordage promises", "programs/queue.mjs", "promises", "1", "4096"),
    python("CPython Queue", "peers/queue_rate.py", "1", "4096"),
    node("worker_threads postMessage", "peers/queue-messages.mjs", "thread", "1", "4096"),
    node("child_process.send", "peers/queue-messages.mjs", "process", "1", "4096"),
  ],
};
