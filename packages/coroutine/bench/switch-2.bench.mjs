// Two tasks that do nothing but give their turns away. The time of one turn. effection has no operation for that: an action that ends at once.
import { contendersOf } from "../../../scripts/bench/contenders.mjs";

const { node, python } = contendersOf(import.meta);

export default {
  title: "coroutine, a turn of two tasks",
  unit: "ns",
  better: "lower",
  aim: "<= 100 ns",
  contenders: [
    node("cordage, yield", "programs/switch.mjs", "2"),
    python("CPython asyncio, sleep(0)", "peers/python.py", "switch", "2"),
    node("async functions, await", "peers/switch.mjs", "async", "2"),
    node("effection, action", "peers/switch.mjs", "effection", "2"),
    node("Effect, yieldNow", "peers/switch.mjs", "effect", "2"),
    node("Effect, yieldNow in microtasks", "peers/switch.mjs", "effectInMicrotasks", "2"),
    node("co, yield of a promise", "peers/switch.mjs", "co", "2"),
  ],
};
