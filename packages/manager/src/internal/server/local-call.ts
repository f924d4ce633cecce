/** Calls from within the process that an object lives in: nothing is lost on the way, and nothing may block. */
import { ManagerError } from "../../errors.js";
import type { Caller, GiveUp, Party } from "./caller.js";
import { isThenable } from "./thenable.js";

/** Whoever calls from here is one and the same. */
const insider: Party = { label: "the server", ended: false, holders: new Set() };

export class LocalCall implements Caller {
  readonly party = insider;
  private stop: GiveUp | undefined;
  private waited = false;
  private never: AbortSignal | undefined;

  constructor(private readonly given?: AbortSignal) {}

  /** The caller's own; of one that has none, a signal that never comes. */
  get signal(): AbortSignal {
    if (this.given) return this.given;
    this.never ??= new AbortController().signal;
    return this.never;
  }

  onGiveUp(stop: GiveUp): () => void {
    this.waited = true;
    this.stop = stop;
    return () => {
      this.stop = undefined;
    };
  }

  /** Whether its outcome was not certain yet. */
  async giveUp(): Promise<boolean> {
    const { stop } = this;
    if (stop) await stop(false);
    return stop !== undefined || !this.waited;
  }
}

type Work = (caller: Caller) => unknown;

/** What `work` results in, unless the signal comes first. @throws the signal's reason */
export async function performLocally(work: Work, signal?: AbortSignal): Promise<unknown> {
  signal?.throwIfAborted();
  const call = new LocalCall(signal);
  const result = work(call);
  if (!signal || !isThenable(result)) return result;
  return new Promise((resolve, reject) => {
    const cancel = async () => {
      if (await call.giveUp()) reject(signal.reason);
    };
    const heard = () => signal.removeEventListener("abort", cancel);
    signal.addEventListener("abort", cancel, { once: true });
    result.then(resolve, reject).then(heard);
  });
}

/**
 * What `work` results in, which must not take any time: this thread is the one that others would have to be served by.
 * @throws {ManagerError} ERR_WOULD_BLOCK; what waited has given up then
 */
export function performBlocking(work: Work, typeid: string): unknown {
  const call = new LocalCall();
  const result = work(call);
  if (!isThenable(result)) return result;
  result.then(undefined, () => {});
  void call.giveUp();
  const reason = "this is the thread that serves it, and nothing would happen until it goes on; use await";
  throw new ManagerError("ERR_WOULD_BLOCK", `cannot wait for a ${typeid} here: ${reason}`);
}
