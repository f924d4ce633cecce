// One task puts numbers, another takes them, with room for 64. effection's queues have no end: after 64 values the one that
// adds them waits for an answer.
import { contendersOf } from "../../../scripts/bench/contenders.mjs";

const { node, python } = contendersOf(import.meta);

export default {
  title: "coroutine, hand-over with room for 64",
  unit: "ns",
  better: "lower",
  contenders: [
    node("cordage Channel(64)", "programs/channel.mjs", "64"),
    python("CPython asyncio.Queue(64)", "peers/python.py", "channel", "64"),
    node("node:stream, PassThrough of objects", "peers/channel.mjs", "stream", "64"),
    node("effection, two queues", "peers/channel.mjs", "effection", "64"),
    node("Effect, Queue.bounded(64)", "peers/channel.mjs", "effect", "64"),
    node("Effect, Queue.bounded(64) in microtasks", "peers/channel.mjs", "effectInMicrotasks", "64"),
  ],
};
