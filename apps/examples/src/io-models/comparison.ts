/** The five models in one table. */
import { print } from "../builtins/print.js";
import { microseconds, milliseconds } from "./durations.js";
import { blockedTimes, type Recording } from "./recording.js";
import { callsOf, printTitle } from "./report.js";

const HEAD = ["model", "system calls", "blocked waiting", "blocked copying", "other work"];

export function printComparison(recordings: readonly Recording[]): void {
  printTitle("five models");
  const rows = [HEAD, ...recordings.map(row)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((cells) => cells[column]!.length)));
  for (const cells of rows)
    print(
      cells
        .map((cell, n) => cell.padEnd(widths[n]!))
        .join("  ")
        .trimEnd(),
    );
}

function row(recording: Recording): string[] {
  const { waiting, copying } = blockedTimes(recording);
  const work = `${recording.work.length} units`;
  return [recording.title, callsOf(recording), milliseconds(waiting), microseconds(copying), work];
}
