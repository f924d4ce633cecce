/** What a running task can know about itself. */
let controller: AbortController | undefined;
let running = false;

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
  return controller.signal;
}

/** A task begins. */
export function enterTask(): void {
  running = true;
  controller = undefined;
}

/** Aborts the signal of the running task, if it asked for one. */
export function abortTask(reason: unknown): void {
  controller?.abort(reason);
}

export function leaveTask(): void {
  running = false;
  controller = undefined;
}
