/** A caller's signal, listened to for as long as it matters. */
export class Cancellation {
  private readonly onAbort: () => void;

  constructor(
    private readonly signal: AbortSignal,
    cancel: (reason: unknown) => void,
  ) {
    this.onAbort = () => cancel(signal.reason);
    signal.addEventListener("abort", this.onAbort, { once: true });
  }

  end(): void {
    this.signal.removeEventListener("abort", this.onAbort);
  }
}
