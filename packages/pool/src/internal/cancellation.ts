/** A caller's signal, listened to for as long as it matters. Many tasks may share one: Node warns of ten listeners. */

const bySignal = new WeakMap<AbortSignal, Shared>();

/** The one listener of a signal, and whom it tells. */
class Shared {
  readonly members = new Set<Cancellation>();

  constructor(private readonly signal: AbortSignal) {
    bySignal.set(signal, this);
    signal.addEventListener("abort", this.onAbort);
  }

  private readonly onAbort = (): void => {
    for (const { cancel } of this.members) cancel(this.signal.reason);
  };

  leave(member: Cancellation): void {
    if (!this.members.delete(member) || this.members.size > 0) return;
    bySignal.delete(this.signal);
    this.signal.removeEventListener("abort", this.onAbort);
  }
}

export class Cancellation {
  private readonly shared: Shared;

  constructor(
    signal: AbortSignal,
    readonly cancel: (reason: unknown) => void,
  ) {
    this.shared = bySignal.get(signal) ?? new Shared(signal);
    this.shared.members.add(this);
  }

  end(): void {
    this.shared.leave(this);
  }
}
