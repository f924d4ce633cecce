// A thousand tasks of a group, of which one fails while the others wait: until all have ended, each through its finally.
import { contendersOf } from "../../../scripts/bench/contenders.mjs";

const { node, python } = contendersOf(import.meta);

export default {
  title: "coroutine, a failure in a group of 1,000 tasks",
  unit: "us",
  better: "lower",
  contenders: [
    node("cordage taskGroup", "programs/group-failure.mjs"),
    python("CPython asyncio.TaskGroup", "peers/python.py", "group-failure"),
    node("async functions, an AbortController", "peers/group-failure.mjs", "async"),
    node("effection, all", "peers/group-failure.mjs", "effection"),
    node("Effect.all", "peers/group-failure.mjs", "effect"),
  ],
};
