// A value sent into a generator, which yields the one before.
import { contendersOf } from "../../../scripts/bench/contenders.mjs";

const { node, python } = contendersOf(import.meta);

export default {
  title: "coroutine, send",
  unit: "ns",
  better: "lower",
  aim: "<= 30 ns",
  contenders: [
    node("cordage Coroutine", "programs/send.mjs"),
    python("CPython generator", "peers/python.py", "send"),
    node("generator, next(value)", "peers/send.mjs", "generator"),
    node("async function, awaited", "peers/send.mjs", "async"),
    node("async generator, next(value) awaited", "peers/send.mjs", "asyncGenerator"),
  ],
};
