/** 3.1: three children say hello in any order, each with its time; then the parent ends. */
import { compare, exactly, timed } from "../lines.js";
import type { Expectation } from "../program.js";

export const processFunction: Expectation = ({ lines }) =>
  compare(lines, [timed("hello alvin:0 "), timed("hello alvin:1 "), timed("hello alvin:2 ")], [exactly("end")]);
