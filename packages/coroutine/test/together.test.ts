// What comes to a task at the same time: nothing of it is lost to the other.

import { DeadlockError, Scheduler, sleep, TestClock, taskGroup, timeout } from "@cordage/coroutine";
import { TimeoutError } from "@cordage/ipc";
import { expect, test } from "@jest/globals";

const scheduler = () => new Scheduler({ clock: new TestClock() });

/** Runs everything that is due within 20 ms at once. */
async function runAtOnce(run: Scheduler, clock: TestClock): Promise<void> {
  const ended = run.run();
  await new Promise(setImmediate);
  clock.advance(20);
  await new Promise(setImmediate);
  clock.advance(10_000);
  await ended;
}

test("a task that is cancelled just when its timeout is over is cancelled", async () => {
  const clock = new TestClock({ manual: true });
  const run = new Scheduler({ clock });
  const seen: string[] = [];
  run.spawn(function* () {
    yield* sleep(4);
    task.cancel(); // it is ready, and its time is over
  });
  const task = run.spawn(function* () {
    yield* timeout(10, sleep(5));
    seen.push("in time");
    yield* sleep(1000);
    seen.push("goes on");
  });
  await runAtOnce(run, clock);
  expect(seen).toEqual(["in time"]);
  expect(task.cancelled).toBe(true);
});

test("two deadlines of one task that pass at once both come", async () => {
  const clock = new TestClock({ manual: true });
  const run = new Scheduler({ clock });
  const seen: string[] = [];
  function* twice() {
    yield* sleep(5);
    yield* sleep(1);
  }
  function* inner() {
    try {
      yield* timeout(8, twice());
    } catch (error) {
      seen.push((error as Error).message);
    }
    yield* sleep(1000);
    seen.push("goes on");
  }
  run.spawn(function* () {
    try {
      yield* timeout(10, inner());
    } catch (error) {
      seen.push((error as Error).message);
    }
  });
  await runAtOnce(run, clock);
  expect(seen).toEqual([expect.stringContaining("within 8 ms"), expect.stringContaining("within 10 ms")]);
});

test("a deadline that passes while its task has a cancellation to get already leaves that alone, and the other way round", async () => {
  for (const [first, second] of [
    [5, 7],
    [7, 5],
  ]) {
    const run = scheduler();
    const seen: string[] = [];
    const task = run.spawn(function* () {
      try {
        yield* timeout(
          first!,
          taskGroup(function* (group) {
            group.spawn(function* () {
              try {
                yield* sleep(100);
              } finally {
                yield* sleep(10); // it is not over before both have come
              }
            });
            yield* sleep(100);
          }),
        );
      } catch (error) {
        if (!(error instanceof TimeoutError)) throw error;
      }
      yield* sleep(1000);
      seen.push("goes on");
    });
    run.spawn(function* () {
      yield* sleep(second!);
      task.cancel();
    });
    await run.run();
    expect(seen).not.toContain("goes on");
    expect(task.cancelled).toBe(true);
  }
});

test("a task that is cancelled while an error of its group is thrown in it is cancelled once it has that", async () => {
  const run = scheduler();
  const seen: string[] = [];
  const task = run.spawn(function* () {
    try {
      yield* taskGroup(function* (group) {
        group.spawn(function* () {
          yield;
          throw new Error("of a task of the group");
        });
        yield* sleep(100);
      });
    } catch (error) {
      seen.push((error as Error).message);
    }
    yield* sleep(1000);
    seen.push("goes on");
  });
  run.spawn(function* () {
    yield;
    yield;
    task.cancel();
  });
  await run.run();
  expect(seen).not.toContain("goes on");
  expect(task.cancelled).toBe(true);
});

test("who sleeps for ever is not woken by a clock that skips to what is due, and is a deadlock if nobody else is there", async () => {
  const run = scheduler();
  const task = run.spawn(function* () {
    yield* timeout(Number.POSITIVE_INFINITY, sleep(Number.POSITIVE_INFINITY));
  });
  await expect(run.run()).rejects.toThrow(DeadlockError);
  expect(task.cancelled).toBe(true);
});
