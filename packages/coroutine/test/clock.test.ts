import { call, race, Scheduler, sleep, TestClock } from "@cordage/coroutine";
import { expect, test } from "@jest/globals";

test("an hour takes no time", async () => {
  const clock = new TestClock();
  await new Scheduler({ clock }).runUntilComplete(() => sleep(3_600_000));
  expect(clock.now()).toBe(3_600_000);
});

test("a clock that is set by hand goes on only then", async () => {
  const clock = new TestClock({ manual: true });
  const scheduler = new Scheduler({ clock });
  const woken: number[] = [];
  for (const ms of [10, 20, 30])
    scheduler.spawn(function* () {
      yield* sleep(ms);
      woken.push(ms);
    });
  const over = scheduler.run();
  const turns = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
  await turns();
  clock.advance(9);
  await turns();
  expect(woken).toEqual([]);
  clock.advance(11);
  await turns();
  expect(woken).toEqual([10, 20]);
  clock.advance(100);
  await over;
  expect([woken, clock.now()]).toEqual([[10, 20, 30], 120]);
});

test.each([-1, Number.NaN])("%p milliseconds are no way to go on", (ms) => {
  expect(() => new TestClock().advance(ms)).toThrow(/goes on by 0 milliseconds or more/);
});

test("what is no clock is refused", () => {
  expect(() => new Scheduler({ clock: {} as TestClock })).toThrow(/clock must be a Clock/);
});

test("waits for what is called outside as long as it is told", async () => {
  const answers = async (patience: number) => {
    const outside = () => new Promise<string>((resolve) => setTimeout(() => resolve("answered"), 5));
    const scheduler = new Scheduler({ clock: new TestClock({ patience }) });
    return scheduler.runUntilComplete(() => race(call(outside), sleep(1000)));
  };
  expect([await answers(0), await answers(60_000)]).toEqual([undefined, "answered"]);
});

test.each([-1, 0.5, "1"])("a patience of %p is refused", (patience) => {
  expect(() => new TestClock({ patience: patience as number })).toThrow(/patience must be a/);
});
