/** What a method of a registered type may know of the call that it runs for. */
import { currentCaller } from "./internal/current-caller.js";

export interface CurrentCall {
  /** Aborts when nobody waits for the result any more: the caller has cancelled the call, has ended, or lost its connection. */
  readonly signal: AbortSignal;
  /** Who calls, by its own account: "process 4711", "process 4711, thread 2". */
  readonly caller: string;
}

/**
 * The call that a method of a registered type runs for; `undefined` outside of one.
 *
 * It is asked for before the first `await`: afterwards other calls run.
 *
 * @example
 * class Crawler {
 *   async crawl(url) {
 *     const signal = currentCall()?.signal;
 *     return (await fetch(url, { signal })).text();
 *   }
 * }
 */
export function currentCall(): CurrentCall | undefined {
  const caller = currentCaller();
  if (!caller) return undefined;
  return {
    get signal() {
      return caller.signal;
    },
    caller: caller.party.label,
  };
}
