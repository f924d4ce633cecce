// What the programs share, ours and the peers'.
import { readFileSync } from "node:fs";
import { millisecondsOfOne, millisecondsOfOneLater, report } from "../../../scripts/bench/program.mjs";

export { equal, sumBelow } from "../../../scripts/bench/program.mjs";

/** Reports the nanoseconds of one of about `full` repetitions, after shorter runs; `work` returns how many they were. */
export const reportNanoseconds = (full, work) => report(millisecondsOfOne(full, work) * 1e6);

/** As {@link reportNanoseconds}, of work that ends later. */
export const reportNanosecondsLater = async (full, work) => report((await millisecondsOfOneLater(full, work)) * 1e6);

const PAGE = 4096;

/** Bytes of memory that the process has in use. */
export function resident() {
  return Number(readFileSync("/proc/self/statm", "utf8").split(" ")[1]) * PAGE;
}
