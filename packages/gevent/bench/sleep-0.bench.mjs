// Ten greenlets that call sleep(0) again and again. The time of one call.
import { contendersOf } from "../../../scripts/bench/contenders.mjs";

const { node, python } = contendersOf(import.meta);

export default {
  title: "gevent, sleep(0) of ten greenlets",
  unit: "us",
  better: "lower",
  aim: "<= 0.8 us",
  contenders: [
    node("cordage", "programs/sleep-0.mjs"),
    python("CPython gevent", "peers/python.py", "sleep_0"),
    node("async functions, setImmediate", "peers/promises.mjs", "sleep0"),
  ],
};
