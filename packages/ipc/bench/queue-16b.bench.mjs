// Items of 16 B from 1 producer to one consumer.
import { contendersOf } from "../../../scripts/bench/contenders.mjs";

const { node, python } = contendersOf(import.meta);

export default {
  title: "queue, 1 producer, 1 consumer, 16 B",
  unit: "items/s",
  better: "higher",
  aim: ">= 1,000,000/s",
  contenders: [
    node("cordage sync", "programs/queue.mjs", "sync", "1", "16"),
    node("cordage promises", "programs/queue.mjs", "promises", "1", "16"),
    python("CPython Queue", "peers/queue_rate.py", "1", "16"),
    node("worker_threads postMessage", "peers/queue-messages.mjs", "thread", "1", "16"),
    node("child_process.send", "peers/queue-messages.mjs", "process", "1", "16"),
  ],
};
