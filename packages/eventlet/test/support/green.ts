/** Tests whose bodies run in a greenthread. */
import { Event, run } from "@cordage/eventlet";
import { setErrorHandler } from "@cordage/gevent";
import { expect, test } from "@jest/globals";

type Report = [error: unknown, greenlet: unknown];
let reports: Report[] = [];

/** What was reported since the test has begun, or since the last call. */
export function takeReports(): Report[] {
  const those = reports;
  reports = [];
  return those;
}

async function inGreenthread(fn: () => void): Promise<void> {
  reports = [];
  const before = setErrorHandler((error, greenlet) => void reports.push([error, greenlet]));
  try {
    await run(fn);
    expect(reports).toEqual([]); // whatever a test expects to be reported, it takes
  } finally {
    setErrorHandler(before);
  }
}

export function green(name: string, fn: () => void): void {
  test(name, () => inGreenthread(fn));
}

export function greenEach<C extends unknown[]>(cases: C[], name: string, fn: (...args: C) => void): void {
  test.each(cases as any)(name, (...args: any[]) => inGreenthread(() => fn(...(args as C))));
}

/** Waits until it is interrupted, and keeps no process alive. */
export function forever(): void {
  new Event().wait();
}

/** Runs something on the event loop's own greenlet, and returns what that returns. */
export function onTheHub<R>(call: () => R): R {
  const done = new Event<R>();
  setImmediate(() => {
    try {
      done.send(call());
    } catch (error) {
      done.sendException(error);
    }
  });
  return done.wait();
}

export const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);
