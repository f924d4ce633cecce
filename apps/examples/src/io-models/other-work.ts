/** Something else that a process has to do while its data is not there yet. */
const STEPS = 100_000;

let sum = 0;

/** One unit of it: the same amount each time, a fraction of a millisecond. */
export function doUnitOfWork(): void {
  for (let i = 0; i < STEPS; i++) sum = (sum * 31 + i) | 0;
}

/** Lets the event loop hear what has happened: signals, completions. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
