// Tasks that sleep, and nothing else: what each keeps of the heap. Node's timers count, with their objects. CPython counts with tracemalloc.
import { contendersOf } from "../../../scripts/bench/contenders.mjs";

const { nodeWith, python } = contendersOf(import.meta);
const counted = ["--expose-gc", "--max-old-space-size=8192"];

export default {
  title: "coroutine, heap of a task that sleeps",
  unit: "bytes",
  better: "lower",
  aim: "<= 400 bytes",
  contenders: [
    nodeWith("cordage, 1,000,000 tasks", counted, "programs/parked.mjs", "sleep"),
    python("CPython asyncio, sleep, 100,000 tasks", "peers/python.py", "parked", "sleep"),
    nodeWith(
      "async function, setTimeout of node:timers/promises, 1,000,000",
      counted,
      "peers/parked.mjs",
      "async",
      "sleep",
    ),
    nodeWith("effection, sleep, 100,000 tasks", counted, "peers/parked.mjs", "effection", "sleep"),
    nodeWith("Effect, sleep, 1,000,000 fibers", counted, "peers/parked.mjs", "effect", "sleep"),
  ],
};
