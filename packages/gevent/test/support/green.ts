/** Tests whose bodies run in a greenlet. */
import { Greenlet, GreenletExit, killAll, run, setErrorHandler } from "@cordage/gevent";
import { expect, test } from "@jest/globals";

type Report = [error: unknown, greenlet: unknown];
let reports: Report[] = [];

/** What was reported since the test has begun, or since the last call. */
export function takeReports(): Report[] {
  const those = reports;
  reports = [];
  return those;
}

async function inGreenlet(fn: () => void): Promise<void> {
  reports = [];
  const spawned: Greenlet[] = [];
  const note = (one: Greenlet) => void spawned.push(one);
  Greenlet.addSpawnCallback(note);
  const before = setErrorHandler((error, greenlet) => void reports.push([error, greenlet]));
  try {
    await run(fn);
    expect(reports).toEqual([]); // whatever a test expects to be reported, it takes
  } finally {
    setErrorHandler(before);
    Greenlet.removeSpawnCallback(note);
    killAll(spawned, GreenletExit, { block: false }); // whoever still sleeps would keep the process
  }
}

export function green(name: string, fn: () => void): void {
  test(name, () => inGreenlet(fn));
}

export function greenEach<C extends unknown[]>(cases: C[], name: string, fn: (...args: C) => void): void {
  test.each(cases as any)(name, (...args: any[]) => inGreenlet(() => fn(...(args as C))));
}

/** For the table of states. */
export const stateOf = (g: Greenlet<any>) => ({
  started: g.started,
  dead: g.dead,
  ready: g.ready(),
  successful: g.successful(),
});
