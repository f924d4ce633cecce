// What the programs share.
import { millisecondsOfOne, report } from "../../../scripts/bench/program.mjs";

export { equal, sumBelow } from "../../../scripts/bench/program.mjs";

/** Reports the microseconds of one of about `full` repetitions, after shorter runs; `work` returns how many they were. */
export const reportMicroseconds = (full, work) => report(millisecondsOfOne(full, work) * 1e3);
