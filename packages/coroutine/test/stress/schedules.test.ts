// What holds whatever the order in which tasks have their turns. A failure names its seed: CORDAGE_SEED=n npm test -- test/stress

import { Channel, Scheduler, select, TestClock } from "@cordage/coroutine";
import { expect, test } from "@jest/globals";
import { seeds, underAnySchedule, World } from "../support/world.js";
import { convey } from "./conveyance.js";
import { growFamily } from "./families.js";

test("no value is lost, doubled or overtakes another of its producer, whoever is cancelled and whatever is closed", async () => {
  await underAnySchedule(convey);
});

test("no task outlives its group, and each error comes to its group once or to those who joined the task", async () => {
  await underAnySchedule(growFamily);
});

test("another seed gives another schedule", async () => {
  const traces = await Promise.all([1, 2, 3, 4, 5].map((seed) => convey(new World(seed))));
  expect(new Set(traces.map((trace) => trace.join("\n"))).size).toBe(5);
});

test("in a round each task that is ready has one turn, those of a higher priority first, in any order otherwise", async () => {
  for (const seed of seeds()) {
    const { below } = new World(seed);
    const priorities = Array.from({ length: 2 + below(20) }, () => below(4) - 2);
    const turns = await turnsOf(priorities, new Scheduler({ seed, clock: new TestClock() }));
    expect(turns).toHaveLength(priorities.length * TURNS);
    for (let at = 0; at < turns.length; at += priorities.length) {
      const round = turns.slice(at, at + priorities.length);
      expect(new Set(round).size).toBe(priorities.length);
      const inOrder = round.map((id) => priorities[id]!);
      expect(inOrder).toEqual([...inOrder].sort((a, b) => b - a));
    }
  }
});

const TURNS = 10;

async function turnsOf(priorities: number[], scheduler: Scheduler): Promise<number[]> {
  const turns: number[] = [];
  for (const [id, priority] of priorities.entries()) {
    scheduler.spawn(
      function* () {
        for (let i = 0; i < TURNS; i++) {
          turns.push(id);
          yield;
        }
      },
      { priority },
    );
  }
  await scheduler.run();
  return turns;
}

test("without a seed tasks of one priority have their turns in the order in which they were spawned", async () => {
  const turns = await turnsOf([0, 1, 0, 1], new Scheduler({ clock: new TestClock() }));
  expect(turns).toEqual(Array.from({ length: TURNS }, () => [1, 3, 0, 2]).flat());
});

for (const seed of [undefined, 7]) {
  test(`a select chooses each of the cases that are ready about equally often: seed ${seed}`, async () => {
    const [cases, times] = [5, 5000];
    const channels = Array.from({ length: cases }, (_, i) => filled(i, times));
    const chosen = new Array<number>(cases).fill(0);
    await new Scheduler({ seed, clock: new TestClock() }).runUntilComplete(function* () {
      for (let i = 0; i < times; i++) {
        const { index, value } = yield* select(...channels.map((channel) => channel.take()));
        expect(value).toBe(index);
        chosen[index]!++;
      }
    });
    // Six standard deviations: one in 500 million would be further off.
    const share = times / cases;
    for (const count of chosen) expect(Math.abs(count - share)).toBeLessThan(6 * Math.sqrt(share));
    expect(channels.map(({ length }) => times - length)).toEqual(chosen);
  });
}

function filled(value: number, times: number): Channel<number> {
  const channel = new Channel<number>(Number.POSITIVE_INFINITY);
  for (let i = 0; i < times; i++) channel.tryPut(value);
  return channel;
}
