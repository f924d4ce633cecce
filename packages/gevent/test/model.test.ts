/**
 * Random programs of greenlets that put, get, hold, wait, are killed and time out: nothing is lost, doubled or served out of turn.
 * fast-check prints the seed and the path of a failing program; CORDAGE_SEED repeats it.
 */
import { queue, run } from "@cordage/gevent";
import { seed } from "@cordage/test-support";
import { tryAll } from "@cordage/test-support/programs";
import { expect, test } from "@jest/globals";
import { type AnyQueue, type Program, program, World } from "./support/program.js";

const { SimpleQueue, Queue, LifoQueue, PriorityQueue, Channel } = queue;
const RUNS = 100;

const sorted = (items: number[]) => [...items].sort((a, b) => a - b);

async function holds(make: (one: Program) => AnyQueue, look: (world: World, q: any) => void): Promise<void> {
  await tryAll(program, RUNS, (one) =>
    run(() => {
      const q = make(one);
      const world = new World(one, q);
      world.execute();
      look(world, q);
    }),
  );
}

function expectNobodyWaits(q: queue.SimpleQueue): void {
  expect([q.waitingGetters, q.waitingPutters, q.qsize()]).toEqual([0, 0, 0]);
}

test.each(Object.entries({ SimpleQueue, Queue }))(
  `a %s gives what was put, in that order (seed ${seed})`,
  async (_, Kind) => {
    await holds(
      ({ maxsize }) => new Kind<number>(maxsize),
      (world, q) => {
        expect(world.taken).toEqual(world.entered);
        expectNobodyWaits(q);
        if (q instanceof Queue) expect(q.unfinishedTasks).toBe(world.entered.length);
      },
    );
  },
);

test.each(Object.entries({ LifoQueue, PriorityQueue }))(
  `a %s gives what was put, each once (seed ${seed})`,
  async (_, Kind) => {
    await holds(
      ({ maxsize }) => new Kind<number>(maxsize),
      (world, q) => {
        expect(sorted(world.taken)).toEqual(sorted(world.entered));
        expectNobodyWaits(q);
      },
    );
  },
);

test(`a Channel hands over what was put, each once, and nothing else but what was on its way (seed ${seed})`, async () => {
  await holds(
    () => new Channel<number>(),
    (world) => {
      expect(new Set(world.taken).size).toBe(world.taken.length);
      const missing = world.entered.filter((item) => !world.taken.includes(item));
      const unexpected = world.taken.filter(
        (item) => !world.entered.includes(item) && !world.interrupted.includes(item),
      );
      expect({ missing, unexpected }).toEqual({ missing: [], unexpected: [] });
    },
  );
});
