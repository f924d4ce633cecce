// Two processes count up one number under one lock.
import { contendersOf } from "../../../scripts/bench/contenders.mjs";

const { node, python, c } = contendersOf(import.meta);

export default {
  title: "shared counter, 2 processes",
  unit: "increments/s",
  better: "higher",
  aim: ">= 3,000,000/s",
  contenders: [
    node("cordage getLock()", "programs/shared-counter.mjs", "lock"),
    node("cordage add()", "programs/shared-counter.mjs", "add"),
    python("CPython Value", "peers/shared_counter.py"),
    c("C floor: pthread mutex", "peers/shared_counter.c"),
  ],
};
