/** A recording as two lines of text: what happens to the data, and what the process does meanwhile. */
import { overlap, type Recording, type Span } from "./recording.js";

const WIDTH = 64;

export const LEGEND = ". waiting for the data, C copying it; # blocked in a system call, w other work";

export function textTimelines(recording: Recording): string[] {
  const { messages, calls, work, end } = recording;
  const copies = messages.map(({ copied }) => copied);
  const data = columns(end, (column) => (overlaps(column, copies) ? "C" : "."));
  const activity = columns(end, (column) => {
    const [blocked, working] = [time(column, calls), time(column, work)];
    if (blocked + working === 0) return " ";
    return blocked > working ? "#" : "w";
  });
  return [`data     |${data}|`, `process  |${activity}|`];
}

function columns(end: number, letter: (column: Span) => string): string {
  const width = end / WIDTH;
  return Array.from({ length: WIDTH }, (_, n) => letter({ from: n * width, to: (n + 1) * width })).join("");
}

/** Something that is shorter than a column must show too. */
function overlaps(column: Span, spans: readonly Span[]): boolean {
  return spans.some(({ from, to }) => from < column.to && to >= column.from);
}

function time(column: Span, spans: readonly Span[]): number {
  return spans.reduce((sum, span) => sum + overlap(column, span), 0);
}
