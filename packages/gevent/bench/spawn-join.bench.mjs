// Greenlets that end at once are started together and joined. The time of one.
import { contendersOf } from "../../../scripts/bench/contenders.mjs";

const { node, python } = contendersOf(import.meta);

export default {
  title: "gevent, spawn and join",
  unit: "us",
  better: "lower",
  aim: "<= 3 us",
  contenders: [
    node("cordage", "programs/spawn-join.mjs"),
    python("CPython gevent", "peers/python.py", "spawn_join"),
    node("async functions, Promise.all", "peers/promises.mjs", "spawnJoin"),
  ],
};
