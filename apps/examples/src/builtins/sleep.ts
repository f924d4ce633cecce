/** Python's time.sleep(). */

const nobody = new Int32Array(new SharedArrayBuffer(4));

/** Blocks the thread for so many seconds. */
export function sleep(seconds: number): void {
  Atomics.wait(nobody, 0, 0, seconds * 1000);
}
