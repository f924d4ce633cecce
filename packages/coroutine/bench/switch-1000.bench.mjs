// A thousand tasks that do nothing but give their turns away. The time of one turn. effection has no operation for that: an action that ends at once.
import { contendersOf } from "../../../scripts/bench/contenders.mjs";

const { node, python } = contendersOf(import.meta);

export default {
  title: "coroutine, a turn of a thousand tasks",
  unit: "ns",
  better: "lower",
  contenders: [
    node("cordage, yield", "programs/switch.mjs", "1000"),
    python("CPython asyncio, sleep(0)", "peers/python.py", "switch", "1000"),
    node("async functions, await", "peers/switch.mjs", "async", "1000"),
    node("effection, action", "peers/switch.mjs", "effection", "1000"),
    node("Effect, yieldNow", "peers/switch.mjs", "effect", "1000"),
    node("Effect, yieldNow in microtasks", "peers/switch.mjs", "effectInMicrotasks", "1000"),
    node("co, yield of a promise", "peers/switch.mjs", "co", "1000"),
  ],
};
