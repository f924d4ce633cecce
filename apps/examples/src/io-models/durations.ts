/** Nanoseconds, written for people. */

export function milliseconds(nanoseconds: number): string {
  return `${(nanoseconds / 1e6).toFixed(1)} ms`;
}

export function microseconds(nanoseconds: number): string {
  return `${Math.round(nanoseconds / 1e3)} µs`;
}
