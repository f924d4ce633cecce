/** Who calls a method of a shared object. */

/** What keeps something for a session, and must get it back when that ends. */
export interface Holder {
  /** The session has ended: it was closed, or its process died. */
  sessionEnded(session: Party): void;
}

/** One thread of one process, near or far: the owner of what it acquires. */
export interface Party {
  /** How it prints, such as "process 4711". */
  readonly label: string;
  /** Nothing may be given to it any more. */
  readonly ended: boolean;
  /** Those that must be told when it ends. */
  readonly holders: Set<Holder>;
}

export type GiveUp = (lost: boolean) => unknown;

export interface Caller {
  readonly party: Party;
  /** Aborts when nobody waits for the call any more: its caller gave up, or is lost. */
  readonly signal: AbortSignal;
  /**
   * Runs `stop` once if the caller gives up while it waits, or is lost (its party ended, or its connection did: nobody
   * hears the answer any more). The call is over when what `stop` returns is. Returns what ends that.
   */
  onGiveUp(stop: GiveUp): () => void;
}
