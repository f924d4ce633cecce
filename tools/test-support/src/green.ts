/** Tests whose bodies run in a greenlet. Declares jest's tests: to be imported in a test. */
import { expect, test } from "@jest/globals";

type ErrorHandler = (error: unknown, greenlet: any) => void;
type Report = [error: unknown, greenlet: unknown];

export interface Hub {
  run(fn: () => void): Promise<unknown>;
  setErrorHandler(handler: ErrorHandler): ErrorHandler;
  /** What surrounds each test. */
  around?(test: () => Promise<void>): Promise<void>;
}

export interface GreenTests {
  green(name: string, fn: () => void): void;
  greenEach<C extends unknown[]>(cases: C[], name: string, fn: (...args: C) => void): void;
  /** What was reported since the test has begun, or since the last call. Whatever a test expects to be reported, it takes. */
  takeReports(): Report[];
}

export function greenTests({ run, setErrorHandler, around = (test) => test() }: Hub): GreenTests {
  let reports: Report[] = [];

  async function reporting(fn: () => void): Promise<void> {
    reports = [];
    const before = setErrorHandler((error, greenlet) => void reports.push([error, greenlet]));
    try {
      await run(fn);
      expect(reports).toEqual([]);
    } finally {
      setErrorHandler(before);
    }
  }

  const inGreenlet = (fn: () => void) => around(() => reporting(fn));
  return {
    green: (name, fn) => test(name, () => inGreenlet(fn)),
    greenEach: (cases, name, fn) =>
      test.each(cases as any)(name, (...args: any[]) => inGreenlet(() => fn(...(args as (typeof cases)[number])))),
    takeReports() {
      const those = reports;
      reports = [];
      return those;
    },
  };
}
