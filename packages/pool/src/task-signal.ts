/** What a running task can know about itself. */
let controller: AbortController | undefined;
let running = false;
/** Why the running task is no longer wanted. */
let unwanted: { reason: unknown } | undefined;

/**
 * In a task: a signal that aborts when the task is no longer wanted, because the `signal` of its caller aborted or its
 * `timeout` has passed. Ask for it at the start of the task, before its first `await`. A task that ends soon after the
 * signal keeps its worker; one that goes on is ended with it.
 *
 * Outside a task it is a signal that never aborts.
 *
 * @example
 * export async function fetchText(url: string) {
 *   return (await fetch(url, { signal: taskSignal() })).text();
 * }
 *
 * Blocks: never.
 */
export function taskSignal(): AbortSignal {
  if (!running) return new AbortController().signal;
  controller ??= new AbortController();
  if (unwanted) controller.abort(unwanted.reason);
  return controller.signal;
}

/** A task begins. */
export function enterTask(): void {
  leaveTask();
  running = true;
}

/** The running task is no longer wanted. */
export function abortTask(reason: unknown): void {
  unwanted = { reason };
  controller?.abort(reason);
}

/** What is no longer wanted is not begun. */
export function throwIfUnwanted(): void {
  if (unwanted) throw unwanted.reason;
}

export function leaveTask(): void {
  running = false;
  controller = undefined;
  unwanted = undefined;
}
