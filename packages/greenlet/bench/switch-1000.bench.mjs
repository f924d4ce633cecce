// A thousand greenlets in a ring, each of which switches to the next one: no stack is in the cache twice. The time of one switch.
import { contendersOf } from "../../../scripts/bench/contenders.mjs";

const { node, python } = contendersOf(import.meta);

export default {
  title: "greenlet, a switch in a ring of a thousand",
  unit: "ns",
  better: "lower",
  contenders: [
    node("cordage, stack engine", "programs/switch.mjs", "stack", "1000"),
    node("cordage, threads engine", "programs/switch.mjs", "threads", "1000"),
    python("CPython greenlet", "peers/python.py", "switch", "1000"),
  ],
};
