/** 4.1: each item is produced, consumed and answered before the next one is produced. */
import { compare, exactly } from "../lines.js";
import type { Expectation } from "../program.js";

export const yielding: Expectation = ({ lines }) => compare(lines, ...[1, 2, 3, 4, 5].flatMap(round));

function round(n: number) {
  const texts = [
    `[PRODUCER] →→ Producing ${n}...`,
    `[CONSUMER] ←← Consuming ${n}...`,
    "[PRODUCER] Consumer return: 200 OK",
  ];
  return texts.map((text) => [exactly(text)]);
}
