/** A recording as bars: what happens to the data of each connection, and what the process does. */
import { microseconds, milliseconds } from "../durations.js";
import { blockedTimes, countCalls, length, type Message, type Recording, type Span } from "../recording.js";

export const KINDS = {
  waiting: { name: "data: waiting for it", color: "#d3dbe6" },
  ready: { name: "data: there, not yet asked for", color: "#f2c04b" },
  copying: { name: "data: being copied", color: "#2256a8" },
  blockedWaiting: { name: "process: blocked, waiting", color: "#e58a8c" },
  blockedCopying: { name: "process: blocked, copying", color: "#a3212c" },
  working: { name: "process: doing other work", color: "#86bd88" },
} as const;

export interface Bar extends Span {
  /** Unique; only what stands before a "|" is shown. */
  readonly row: string;
  readonly kind: keyof typeof KINDS;
  readonly label: string;
}

/** The rows of one recording: one for each connection's data, and one for the process. */
export interface Rows {
  readonly data: readonly string[];
  readonly process: string;
}

/** Work that is interrupted for a shorter time, in nanoseconds, is one bar. */
const PAUSE_IN_WORK = 500_000;

export function rowsOf({ messages }: Recording): Rows {
  const connections = 1 + Math.max(...messages.map(({ connection }) => connection));
  const names = Array.from({ length: connections }, (_, n) => `data of connection ${n + 1}`);
  return { data: connections > 1 ? names : ["the data"], process: "the process" };
}

/** In the order in which they are to be drawn: short ones over long ones. */
export function barsOf(recording: Recording, { data, process }: Rows): Bar[] {
  const working = merged(recording.work).map(
    (span) => ({ ...span, row: process, kind: "working", label: "other work" }) as const,
  );
  return [...working, ...callBars(recording, process), ...dataBars(recording, data)];
}

function merged(spans: readonly Span[]): Span[] {
  const result: Span[] = [];
  for (const span of spans) {
    const last = result.at(-1);
    if (last && span.from - last.to < PAUSE_IN_WORK) result[result.length - 1] = { from: last.from, to: span.to };
    else result.push(span);
  }
  return result;
}

/** A call that waits and copies is two bars. */
function callBars({ calls, messages }: Recording, row: string): Bar[] {
  return calls.flatMap(({ name: label, from, to }) => {
    const copied = messages.find(({ copied }) => copied.from < to && copied.to > from)?.copied;
    const copyFrom = copied ? Math.max(copied.from, from) : to;
    return [
      { row, kind: "blockedWaiting", from, to: copyFrom, label } as const,
      { row, kind: "blockedCopying", from: copyFrom, to, label } as const,
    ].filter((bar) => length(bar) > 0);
  });
}

function dataBars({ messages }: Recording, rows: readonly string[]): Bar[] {
  return messages.flatMap((message) => phases(message).map((phase) => ({ ...phase, row: rows[message.connection]! })));
}

function phases({ asked, arrived, copied, byKernel }: Message): Omit<Bar, "row">[] {
  const copying = byKernel ? "copied and reported in" : "copied in";
  const all = [
    { kind: "waiting", from: asked, to: arrived, label: `waiting ${milliseconds(arrived - asked)}` },
    { kind: "ready", from: arrived, to: copied.from, label: microseconds(copied.from - arrived) },
    { kind: "copying", ...copied, label: `${copying} ${microseconds(length(copied))}` },
  ] as const;
  return all.filter((phase) => length(phase) > 0);
}

/** Later, or earlier, by so many nanoseconds. */
export function shifted(bars: readonly Bar[], by: number): Bar[] {
  return bars.map((bar) => ({ ...bar, from: bar.from + by, to: bar.to + by }));
}

/** The counts of a recording in words: its calls, how long it was blocked, and its work. */
export function inWords(recording: Recording): [calls: string, blocked: string, work: string] {
  const { waiting, copying } = blockedTimes(recording);
  const calls = [...countCalls(recording)].map(([name, count]) => `${count} × ${name}`);
  if (recording.signals > 0) calls.push(`${recording.signals} × SIGIO`);
  const blocked = `blocked for ${milliseconds(waiting)} while waiting, ${microseconds(copying)} while copying`;
  return [calls.join(", "), blocked, `${recording.work.length} units of other work`];
}
