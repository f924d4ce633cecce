/** 3.4: thirty numbers, five at a time: each five in any order, then the next five. */
import { compare, exactly } from "../lines.js";
import type { Expectation } from "../program.js";

const fives = Array.from({ length: 6 }, (_, five) =>
  Array.from({ length: 5 }, (_, i) => exactly(String(five * 5 + i))),
);

export const pool: Expectation = ({ lines }) => compare(lines, ...fives);
