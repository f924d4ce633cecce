// Functions that end at once, spawned in a pool of a hundred, then waited for together. The time of one.
import { contendersOf } from "../../../scripts/bench/contenders.mjs";

const { node, python } = contendersOf(import.meta);

export default {
  title: "eventlet, spawn in a GreenPool of 100",
  unit: "us",
  better: "lower",
  contenders: [
    node("cordage, spawnN", "programs/green-pool.mjs", "spawnN"),
    python("CPython eventlet, spawn_n", "peers/python.py", "pool_spawn_n"),
    node("cordage, spawn", "programs/green-pool.mjs", "spawn"),
    python("CPython eventlet, spawn", "peers/python.py", "pool_spawn"),
  ],
};
