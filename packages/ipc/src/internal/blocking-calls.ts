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
}

const calls: BlockingCall[] = [];
const watchers = new Set<(call: BlockingCall) => void>();

/** Says of an object's methods which block, and what does the same with a promise: { acquireSync: "acquire" }. */
export function blockingCalls(of: string, holder: object, pairs: Record<string, string>): void {
  for (const [blocking, asynchronous] of Object.entries(pairs)) {
    const call = {
      name: of ? `${of}.${blocking}` : blocking,
      holder: holder as BlockingCall["holder"],
      blocking,
      asynchronous,
    };
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
