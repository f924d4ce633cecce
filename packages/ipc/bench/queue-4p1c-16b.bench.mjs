// Items of 16 B from 4 producers to one consumer.
import { contendersOf } from "../../../scripts/bench/contenders.mjs";

const { node, python } = contendersOf(import.meta);

export default {
  title: "queue, 4 producers, 1 consumer, 16 B",
  unit: "items/s",
  better: "higher",
  contenders: [
    node("cordage sync", "programs/queue.mjs", "sync", "4", "16"),
    node("cordage promises", "programs/queue.mjs", "promises", "4", "16"),
    python("CPython Queue", "peers/queue_rate.py", "4", "16"),
    node("worker_threads postMessage", "peers/queue-messages.mjs", "thread", "4", "16"),
    node("child_process.send", "peers/queue-messages.mjs", "process", "4", "16"),
  ],
};
