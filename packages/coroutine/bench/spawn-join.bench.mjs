// A task that returns a number is spawned and joined, one after the other.
import { contendersOf } from "../../../scripts/bench/contenders.mjs";

const { node, python } = contendersOf(import.meta);

export default {
  title: "coroutine, spawn and join",
  unit: "ns",
  better: "lower",
  contenders: [
    node("cordage", "programs/spawn-join.mjs"),
    python("CPython asyncio", "peers/python.py", "spawn-join"),
    node("async function, called and awaited", "peers/spawn-join.mjs", "async"),
    node("effection", "peers/spawn-join.mjs", "effection"),
    node("Effect", "peers/spawn-join.mjs", "effect"),
    node("Effect, in microtasks", "peers/spawn-join.mjs", "effectInMicrotasks"),
    node("co", "peers/spawn-join.mjs", "co"),
  ],
};
