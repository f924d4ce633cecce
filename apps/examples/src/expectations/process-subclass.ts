/** 3.1: as with a function, but the children have the names that Python gives to instances of a subclass. */
import { compare, exactly, timed } from "../lines.js";
import type { Expectation } from "../program.js";

export const processSubclass: Expectation = ({ lines }) =>
  compare(
    lines,
    [timed("hello MyProcess-1 "), timed("hello MyProcess-2 "), timed("hello MyProcess-3 ")],
    [exactly("end")],
  );
