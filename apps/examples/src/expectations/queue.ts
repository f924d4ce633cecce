/** 3.3.1: what three children put arrives, in any order, mixed with what the children print. */
import { compare, exactly, numbered } from "../lines.js";
import type { Expectation } from "../program.js";

const son = numbered("son process ");

export const queue: Expectation = ({ lines }) =>
  compare(lines, [numbered("main process ")], [son, son, son, exactly("1"), exactly("2"), exactly("5")]);
