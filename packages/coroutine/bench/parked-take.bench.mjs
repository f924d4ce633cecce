// Tasks that wait for a value of the same channel, or the nearest to it: what each keeps of the heap. CPython counts with tracemalloc.
import { contendersOf } from "../../../scripts/bench/contenders.mjs";

const { nodeWith, python } = contendersOf(import.meta);
const counted = ["--expose-gc", "--max-old-space-size=8192"];

export default {
  title: "coroutine, heap of a task that takes",
  unit: "bytes",
  better: "lower",
  aim: "<= 400 bytes",
  contenders: [
    nodeWith("cordage, 1,000,000 tasks", counted, "programs/parked.mjs", "take"),
    python("CPython asyncio, Queue.get, 100,000 tasks", "peers/python.py", "parked", "take"),
    nodeWith("async function, a promise, 1,000,000", counted, "peers/parked.mjs", "async", "take"),
    nodeWith("effection, queue, 100,000 tasks", counted, "peers/parked.mjs", "effection", "take"),
    nodeWith("Effect, Queue.take, 1,000,000 fibers", counted, "peers/parked.mjs", "effect", "take"),
  ],
};
