// Two greenlets switch to each other, each from within a hundred calls. CPython's greenlet copies stacks where they overlap; we never do.
import { contendersOf } from "../../../scripts/bench/contenders.mjs";

const { node, python } = contendersOf(import.meta);

export default {
  title: "greenlet, a switch from within a hundred calls",
  unit: "ns",
  better: "lower",
  contenders: [
    node("cordage, stack engine", "programs/switch-deep.mjs", "stack"),
    node("cordage, threads engine", "programs/switch-deep.mjs", "threads"),
    python("CPython greenlet", "peers/python.py", "switch-deep"),
  ],
};
