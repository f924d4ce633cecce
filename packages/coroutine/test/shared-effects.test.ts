// One effect that several tasks wait for at the same time.
import { Channel, type Effect, Scheduler, select, sleep, TestClock } from "@cordage/coroutine";
import { expect, test } from "@jest/globals";

const makers: Array<[string, () => Effect<unknown>]> = [
  ["sleep", () => sleep(10)],
  ["take", () => new Channel().take()],
  ["put", () => new Channel().put(1)],
  ["select", () => select(new Channel().take(), sleep(10))],
];

for (const [name, make] of makers) {
  test(`each of the tasks that share a ${name} can be cancelled`, async () => {
    const scheduler = new Scheduler({ clock: new TestClock() });
    const shared = make();
    function* wait() {
      yield* shared;
    }
    const tasks = Array.from({ length: 3 }, () => scheduler.spawn(wait));
    scheduler.spawn(function* () {
      yield;
      for (const task of tasks) task.cancel();
    });
    await scheduler.run();
    expect(tasks.map((task) => task.cancelled)).toEqual([true, true, true]);
  });
}

test("each of the tasks that share a sleep wakes up, and so does the next one", async () => {
  const scheduler = new Scheduler({ clock: new TestClock() });
  const nap = sleep(10);
  function* twice() {
    yield* nap;
    yield* nap;
    return "awake";
  }
  const tasks = [scheduler.spawn(twice), scheduler.spawn(twice)];
  await scheduler.run();
  expect(tasks.map(({ result }) => result)).toEqual(["awake", "awake"]);
});
