import { Event, Lock, OwnerDiedError, RLock, Semaphore } from "@cordage/ipc";
import { expect, test } from "@jest/globals";
import { explore } from "../support/explorer.js";

const LOCK = 16; // words for a lock, then what the test itself uses
const inside = (memory: Int32Array) => {
  const before = memory[LOCK]!;
  memory[LOCK] = before + 1;
};
const locking = (Cls: typeof Lock, depth: number) => (memory: Int32Array) => {
  const lock = new Cls({ words: memory });
  for (let i = 0; i < depth; i++) lock.acquireSync();
  inside(memory);
  for (let i = 0; i < depth; i++) lock.release();
  return "ok";
};

test.each([
  [Lock, 1],
  [RLock, 2],
] as const)("a %p excludes, and loses no wake-up, however two parties interleave", (Cls, depth) => {
  const party = locking(Cls, depth);
  const schedules = explore({
    words: 32,
    parties: [party, party],
    preemptions: 3,
    check(outcomes, memory) {
      expect(outcomes).toEqual(["ok", "ok"]);
      expect([memory[0], memory[LOCK]]).toEqual([0, 2]);
    },
  });
  expect(schedules).toBeGreaterThan(50);
});

test.each([
  [Lock, 1],
  [RLock, 2],
] as const)("a %p whose holder stops anywhere tells one at most, and serves the others", (Cls, depth) => {
  const party = locking(Cls, depth);
  explore({
    words: 32,
    parties: [party, party],
    preemptions: 1,
    crash: true,
    check(outcomes) {
      const errors = outcomes.filter((one) => one instanceof Error);
      expect(errors.length).toBeLessThanOrEqual(1);
      for (const error of errors) expect(error).toBeInstanceOf(OwnerDiedError);
    },
  });
});

test("a semaphore and an event lose no wake-up", () => {
  const taking = (memory: Int32Array) => new Semaphore(0, { words: memory }).acquireSync();
  const giving = (memory: Int32Array) => {
    const semaphore = new Semaphore(0, { words: memory });
    memory[1] = 2;
    semaphore.release();
    semaphore.release();
    return true;
  };
  const ended = (outcomes: unknown[]) => expect(outcomes).toEqual([true, true, true]);
  explore({ words: 8, parties: [taking, taking, giving], preemptions: 1, check: ended });
  const waiting = (memory: Int32Array) => new Event({ words: memory }).waitSync();
  const setting = (memory: Int32Array) => {
    new Event({ words: memory }).set();
    return true;
  };
  explore({ words: 8, parties: [waiting, waiting, setting], preemptions: 1, check: ended });
});

test("the explorer finds what is wrong, and its schedule shows it again", () => {
  const model = {
    words: 32,
    parties: [inside, inside],
    preemptions: 1,
    check: (_: unknown, memory: Int32Array) => expect(memory[LOCK]).toBe(2),
  };
  let message = "";
  try {
    explore(model);
  } catch (error) {
    message = (error as Error).message;
  }
  const schedule = /schedule: ([\d.]+)$/.exec(message)![1]!;
  expect(() => explore({ ...model, schedule })).toThrow(`schedule: ${schedule}`);
});
