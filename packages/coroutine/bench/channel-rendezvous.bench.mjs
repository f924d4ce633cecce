// One task puts numbers, another takes them; a put waits for its take. asyncio has no such queue: one with room for one. effection's queues
// have no end: one hands over, another one answers.
import { contendersOf } from "../../../scripts/bench/contenders.mjs";

const { node, python } = contendersOf(import.meta);

export default {
  title: "coroutine, hand-over by rendezvous",
  unit: "ns",
  better: "lower",
  contenders: [
    node("cordage Channel(0)", "programs/channel.mjs", "0"),
    python("CPython asyncio.Queue(1)", "peers/python.py", "channel", "1"),
    node("async generator, for await", "peers/channel.mjs", "asyncGenerator", "0"),
    node("effection, two queues", "peers/channel.mjs", "effection", "0"),
    node("Effect, Queue.bounded(0)", "peers/channel.mjs", "effect", "0"),
    node("Effect, Queue.bounded(0) in microtasks", "peers/channel.mjs", "effectInMicrotasks", "0"),
  ],
};
