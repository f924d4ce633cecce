/** Tests whose bodies run in a greenlet. */
import { Greenlet, GreenletExit, killAll, run, setErrorHandler } from "@cordage/gevent";
import { greenTests } from "@cordage/test-support/green";

async function killingWhoIsLeft(test: () => Promise<void>): Promise<void> {
  const spawned: Greenlet[] = [];
  const note = (one: Greenlet) => void spawned.push(one);
  Greenlet.addSpawnCallback(note);
  try {
    await test();
  } finally {
    Greenlet.removeSpawnCallback(note);
    killAll(spawned, GreenletExit, { block: false }); // whoever still sleeps would keep the process
  }
}

export const { green, greenEach, takeReports } = greenTests({ run, setErrorHandler, around: killingWhoIsLeft });

/** For the table of states. */
export const stateOf = (g: Greenlet<any>) => ({
  started: g.started,
  dead: g.dead,
  ready: g.ready(),
  successful: g.successful(),
});
