// The main greenlet and another one switch to each other. The time of one switch, of which a round trip has two.
import { contendersOf } from "../../../scripts/bench/contenders.mjs";

const { node, python, c } = contendersOf(import.meta);

export default {
  title: "greenlet, a switch between two",
  unit: "ns",
  better: "lower",
  aim: "<= CPython's greenlet",
  contenders: [
    node("cordage, stack engine", "programs/switch.mjs", "stack", "1"),
    node("cordage, threads engine", "programs/switch.mjs", "threads", "1"),
    python("CPython greenlet", "peers/python.py", "switch", "1"),
    c("C swapcontext", "peers/swapcontext.c", "switch"),
    node("generator, next (not from within a call)", "peers/javascript.mjs", "generator"),
    node("async function, await (not from within a call)", "peers/javascript.mjs", "async"),
  ],
};
