/** What tests of coroutines share. */
import { type Coroutine, StopIteration } from "@cordage/coroutine";
import { thrownBy } from "@cordage/test-support";
import { expect } from "@jest/globals";

export { thrownBy } from "@cordage/test-support";

/** What the coroutine returned: `call` must end it. */
export function endOf(call: () => unknown): unknown {
  const end = thrownBy(call);
  expect(end).toBeInstanceOf(StopIteration);
  return end.value;
}

/** It has ended, and says so without a value. */
export function expectEnded(one: Coroutine<any, any, any>): void {
  expect(one.state).toBe("closed");
  expect(endOf(() => one.next())).toBeUndefined();
}

/** Drives it to its end with send(undefined): what it yields, and what it returns. */
export function run<Y, R>(one: Coroutine<Y, R, any>): [Y[], R] {
  const yielded: Y[] = [];
  for (;;) {
    try {
      yielded.push(one.send(undefined));
    } catch (error) {
      if (error instanceof StopIteration) return [yielded, error.value as R];
      throw error;
    }
  }
}

/** Sends 1, 2, 3 ... after the first next(): what it yields until it ends. */
export function sendNumbers<Y>(one: Coroutine<Y, any, any>, note: (yielded: Y) => void): void {
  one.next();
  try {
    for (let i = 1; ; i++) note(one.send(i));
  } catch (error) {
    if (!(error instanceof StopIteration)) throw error;
  }
}
