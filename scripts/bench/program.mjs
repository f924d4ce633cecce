// For the programs of a bench: how much work, how long it took, and the one number at the end.
const scale = Number(process.env.BENCH_SCALE ?? 1);

/** This many repetitions, fewer in a quick run. */
export const count = (full) => Math.max(2, Math.round(full * scale));

/** Seconds that the work took. */
export async function seconds(work) {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

/** Seconds that blocking work took, without a promise in between. */
export function secondsSync(work) {
  const began = performance.now();
  work();
  return (performance.now() - began) / 1000;
}

/** The number that the bench compares. */
export const report = (value) => console.log(value);

/** @throws unless the program did what it should. */
export function equal(value, expected, what) {
  if (value !== expected) throw new Error(`${what}: ${value} instead of ${expected}`);
}

/** The sum of 0 to n - 1. */
export const sumBelow = (n) => (n * (n - 1)) / 2;

/** Milliseconds of one of about `full` repetitions, after shorter runs; `work` returns how many they were. */
export function millisecondsOfOne(full, work) {
  const n = count(full);
  for (let i = 0; i < 3; i++) work(Math.ceil(n / 5));
  const began = performance.now();
  const done = work(n);
  return (performance.now() - began) / done;
}

/** As {@link millisecondsOfOne}, of work that ends later. */
export async function millisecondsOfOneLater(full, work) {
  const n = count(full);
  for (let i = 0; i < 3; i++) await work(Math.ceil(n / 5));
  const began = performance.now();
  const done = await work(n);
  return (performance.now() - began) / done;
}
