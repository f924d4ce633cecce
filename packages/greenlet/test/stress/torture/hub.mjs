// The main greenlet has the event loop; a greenlet that waits for a promise switches to it, and is switched to when the promise is settled.
import assert from "node:assert/strict";
import { Greenlet, getCurrent } from "@cordage/greenlet";

const main = getCurrent();

/** Suspends the greenlet until the promise is settled. @returns, or throws, what it is settled with */
export function block(promise) {
  const self = getCurrent();
  assert.notEqual(self, main);
  promise.then(
    (value) => self.switch([value]),
    (error) => self.throw(error instanceof Error ? error : new Error(String(error))),
  );
  return main.switch()[0];
}

/** Gives the event loop a turn. */
export const turn = () => block(new Promise(setImmediate));

/** A function in a greenlet of its own: a promise of its result. */
export function spawn(fn, ...args) {
  return new Promise((resolve, reject) => {
    const one = new Greenlet(() => {
      try {
        resolve(fn(...args));
      } catch (error) {
        reject(error);
      }
    }, main);
    one.switch();
  });
}

/** Repeats each workload, several at the same time, until the deadline. @returns rounds by name */
export async function runUntil(deadline, workloads, randomOf) {
  const rounds = Object.fromEntries(workloads.map(([name]) => [name, 0]));
  const repeat = (name, { begin = () => ({}), round, end = () => {} }, random) => {
    const state = begin();
    while (performance.now() < deadline) {
      round(random, state);
      rounds[name]++;
      turn();
    }
    end(state);
  };
  let i = 0;
  const all = workloads.flatMap(([name, workload]) =>
    Array.from({ length: workload.atATime ?? 1 }, () => spawn(repeat, name, workload, randomOf(i++))),
  );
  await Promise.all(all);
  return rounds;
}
