// By default Effect gives turns in setImmediate.

/** Options of Effect.runPromise: turns come as microtasks, as those of async functions. */
export async function inMicrotasks() {
  const { Scheduler } = await import("effect");
  return { scheduler: new Scheduler.MixedScheduler("sync") };
}
