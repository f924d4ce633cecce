/** 4.2: two functions take turns in the middle of each other; the last switch ends the second, and the program with it. */
import { compare, exactly } from "../lines.js";
import type { Expectation } from "../program.js";

export const greenlets: Expectation = ({ lines }) =>
  compare(lines, ...["12", "56", "34", "78"].map((text) => [exactly(text)]));
