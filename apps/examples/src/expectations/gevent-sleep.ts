/** 4.2.1: both sleep at the same time, so that the end comes after the longer sleep, not after the sum. */
import { compare, exactly, matching } from "../lines.js";
import type { Expectation } from "../program.js";

const LONGER = 5;
const SUM = 7;

export const geventSleep: Expectation = ({ lines }) =>
  compare(
    lines,
    ...["running in foo", "switch to bar", "switch to foo again", "switch to bar again"].map((text) => [exactly(text)]),
    [
      matching(
        `<${LONGER} to ${SUM} seconds>`,
        /^(\d+(?:\.\d+)?)$/,
        (time) => Number(time) >= LONGER && Number(time) < SUM,
      ),
    ],
  );
