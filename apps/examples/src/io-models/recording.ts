/** What a reader did, and when: times in nanoseconds since it began. */

export interface Span {
  readonly from: number;
  readonly to: number;
}

/** A message and its two phases: waiting for the data, from `asked` to `arrived`, and copying it. In between it may lie in the kernel. */
export interface Message {
  /** Of which connection, from 0. */
  readonly connection: number;
  /** The reader began to wait for it. */
  readonly asked: number;
  /** It lay in the reader's kernel. */
  readonly arrived: number;
  /** It was copied to the process; where the kernel did that by itself, until the process heard of it. */
  readonly copied: Span;
  readonly byKernel: boolean;
}

/** A system call. The process is blocked in it. */
export interface Call extends Span {
  readonly name: string;
}

export interface Recording {
  /** The model: "blocking IO". */
  readonly title: string;
  /** What it is about, in a sentence. */
  readonly lesson: string;
  readonly messages: readonly Message[];
  readonly calls: readonly Call[];
  /** Units of other work. */
  readonly work: readonly Span[];
  /** How many signals the process heard. */
  readonly signals: number;
  /** When it had read everything. */
  readonly end: number;
}

/** How often each system call was made, in the order of their first. */
export function countCalls({ calls }: Recording): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { name } of calls) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

/** Nanoseconds in system calls, before data was copied and while it was. */
export function blockedTimes({ calls, messages }: Recording): { waiting: number; copying: number } {
  const all = calls.reduce((sum, call) => sum + length(call), 0);
  const copying = messages.reduce(
    (sum, { copied }) => sum + calls.reduce((s, call) => s + overlap(call, copied), 0),
    0,
  );
  return { waiting: all - copying, copying };
}

export function length({ from, to }: Span): number {
  return to - from;
}

export function overlap(a: Span, b: Span): number {
  return Math.max(0, Math.min(a.to, b.to) - Math.max(a.from, b.from));
}
