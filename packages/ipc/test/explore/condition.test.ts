/** The condition under every interleaving: its lock's cell and its table of waiters, in one memory. */
import { Condition, Lock, OwnerDiedError, RLock } from "@cordage/ipc";
import { expect, test } from "@jest/globals";
import { asOneStep, explore, OWN_TIMEOUT, type PartyProgram } from "../support/explorer.js";

// The lock's cell is at 0, then the table, then what the test itself uses.
const TABLE = 16;
const TABLE_WORDS = 2 + 3 * 2;
const INSIDE = 32;
const PLACES = 33;
const WAITS = 34; // one for each party
const WORDS = 40;

type LockClass = typeof Lock;
interface Seen {
  /** Of a waiter: whether it was notified. */
  notified?: boolean;
  /** Of a waiter: how many waited before it did. */
  place?: number;
  /** Of a notifier: which parties waited, alive, just before. */
  waiting?: number[];
  /** How often it was told of a dead owner. */
  told: number;
}

function conditionIn(memory: Int32Array, Cls: LockClass): Condition {
  const table = { words: memory.subarray(TABLE, TABLE + TABLE_WORDS) };
  return new Condition(new Cls({ words: memory.subarray(0, 3) }), table);
}

function toldOfDeath(f: () => void): boolean {
  try {
    f();
    return false;
  } catch (error) {
    if (error instanceof OwnerDiedError) return true;
    throw error;
  }
}

/** Acquires; how often it was told of a dead owner, who may have died inside. */
function enter(condition: Condition, memory: Int32Array): number {
  let told = 0;
  for (; toldOfDeath(() => condition.acquireSync()); told++) memory[INSIDE] = 0;
  visit(memory);
  return told;
}

function visit(memory: Int32Array): void {
  if (memory[INSIDE] !== 0) throw new Error("two hold the lock");
  memory[INSIDE] = 1;
  memory[INSIDE] = 0;
}

const waiter =
  (id: number, Cls: LockClass, timeout?: number): PartyProgram =>
  (memory): Seen => {
    const condition = conditionIn(memory, Cls);
    let told = enter(condition, memory);
    const place = asOneStep((raw) => {
      raw[WAITS + id] = 1;
      return raw[PLACES]!++;
    });
    let notified = true;
    const died = toldOfDeath(() => {
      notified = condition.waitSync({ timeout });
    });
    if (died) memory[INSIDE] = 0;
    told += Number(died);
    visit(memory);
    condition.release();
    return { notified, place, told };
  };

const notifier =
  (n: number, Cls: LockClass): PartyProgram =>
  (memory): Seen => {
    const condition = conditionIn(memory, Cls);
    const told = enter(condition, memory);
    const waiting = asOneStep((raw, living) => living.filter((id) => raw[WAITS + id] === 1));
    condition.notify(n);
    condition.release();
    return { waiting, told };
  };

const ALL = Number.MAX_SAFE_INTEGER;
const seenBy = (outcomes: unknown[]) =>
  outcomes.filter((one): one is Seen => {
    if (one instanceof Error) throw one;
    return typeof one === "object";
  });

test.each([
  [1, Lock],
  [1, RLock],
  [2, Lock],
  [ALL, Lock],
] as const)("a condition lets exactly those go that have waited longest: notify(%p), %p", (n, Cls) => {
  const schedules = explore({
    words: WORDS,
    parties: [waiter(0, Cls), waiter(1, Cls), notifier(n, Cls)],
    preemptions: 1,
    maySleep: true,
    check(outcomes, memory) {
      const { waiting } = outcomes[2] as Seen;
      const went = seenBy(outcomes.slice(0, 2));
      expect(went.map(({ place }) => place).sort()).toEqual([0, 1].slice(0, Math.min(n, waiting!.length)));
      expect(went.every(({ notified }) => notified)).toBe(true);
      expect(memory[0]).toBe(0);
    },
  });
  expect(schedules).toBeGreaterThan(500);
});

test("a notification that races with a timeout goes to one who has not left, and is not lost", () => {
  const schedules = explore({
    words: WORDS,
    parties: [waiter(0, Lock, OWN_TIMEOUT), waiter(1, Lock), notifier(1, Lock)],
    preemptions: 1,
    maySleep: true,
    check(outcomes, memory) {
      const [hasty, patient] = outcomes as [Seen, Seen | "asleep"];
      const { waiting } = outcomes[2] as Seen;
      const notified = seenBy(outcomes.slice(0, 2)).filter((one) => one.notified).length;
      // The hasty one always goes on; without a notification if that went to the patient one, or came too early or late.
      expect(typeof hasty.notified).toBe("boolean");
      expect(notified).toBeLessThanOrEqual(waiting!.length);
      if (waiting!.includes(1)) expect(notified).toBe(1);
      if (patient !== "asleep") expect(patient.notified).toBe(true);
      expect(memory[0]).toBe(0);
    },
  });
  expect(schedules).toBeGreaterThan(500);
});

test.each([
  [1, Lock],
  [ALL, Lock],
  [ALL, RLock],
] as const)("whoever dies around a condition keeps no other from going on: notify(%p), %p", (n, Cls) => {
  const schedules = explore({
    words: WORDS,
    parties: [waiter(0, Cls), waiter(1, Cls), notifier(n, Cls)],
    preemptions: 0,
    crash: true,
    maySleep: true,
    check(outcomes) {
      const told = seenBy(outcomes).reduce((sum, one) => sum + one.told, 0);
      expect(told).toBeLessThanOrEqual(1);
      const { waiting } = outcomes[2] as Seen;
      if (!waiting) return;
      const living = waiting.filter((id) => outcomes[id] !== "dead").length;
      // One who died after that may have had what was for it.
      const spent = n === 1 ? waiting.length - living : 0;
      const notified = seenBy(outcomes.slice(0, 2)).length;
      expect(notified).toBeGreaterThanOrEqual(Math.min(n, living) - spent);
    },
  });
  expect(schedules).toBeGreaterThan(500);
});
