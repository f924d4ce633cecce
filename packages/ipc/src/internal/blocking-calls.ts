/**
 * Which calls block the thread, and which of the same object do the same with a promise. Nothing in here uses it: within a greenlet,
 * @cordage/gevent has the first do as the second, so that the thread goes on with others.
 */

export interface BlockingCall {
  /** "Lock.acquireSync", for people. */
  readonly name: string;
  /** Whose methods both are. */
  readonly holder: Record<string, (...args: any[]) => any>;
  readonly blocking: string;
  readonly asynchronous: string;
  /** Where the second takes options with an AbortSignal; -1: nowhere. */
  readonly options: number;
  /** Does it without waiting, and returns true, if that is possible. */
  readonly attempt: string | undefined;
}

/** The call with a promise; where its options are; what does it without waiting. */
export type Counterpart = [asynchronous: string, options?: number, attempt?: string];

const calls: BlockingCall[] = [];
const watchers = new Set<(call: BlockingCall) => void>();

/** Says of an object's methods which block, and what does the same with a promise: { acquireSync: ["acquire", 0, "tryAcquire"] }. */
export function blockingCalls(of: string, holder: object, pairs: Record<string, Counterpart>): void {
  for (const [blocking, [asynchronous, options = -1, attempt]] of Object.entries(pairs)) {
    const name = of ? `${of}.${blocking}` : blocking;
    const call = { name, holder: holder as BlockingCall["holder"], blocking, asynchronous, options, attempt };
    calls.push(call);
    for (const tell of watchers) tell(call);
  }
}

/** Tells of each there is, and of each that comes later. Returns what ends that. */
export function eachBlockingCall(tell: (call: BlockingCall) => void): () => void {
  calls.forEach(tell);
  watchers.add(tell);
  return () => {
    watchers.delete(tell);
  };
}
