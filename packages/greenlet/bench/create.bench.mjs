// A greenlet is made, runs a function that returns a number, and ends. One after the other.
import { contendersOf } from "../../../scripts/bench/contenders.mjs";

const { node, python, c } = contendersOf(import.meta);

export default {
  title: "greenlet, create, run and finish",
  unit: "ns",
  better: "lower",
  aim: "<= 1,000 ns",
  contenders: [
    node("cordage, stack engine", "programs/create.mjs", "stack"),
    node("cordage, threads engine", "programs/create.mjs", "threads"),
    python("CPython greenlet", "peers/python.py", "create"),
    c("C makecontext, the stack used again", "peers/swapcontext.c", "create"),
    node("generator, called and run", "peers/javascript.mjs", "createGenerator"),
    node("async function, called and awaited", "peers/javascript.mjs", "createAsync"),
  ],
};
