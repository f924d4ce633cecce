/** Events. Source: eventlet's event_test and test__event. */
import { Event, EventletError, sleep, spawn, Timeout } from "@cordage/eventlet";
import { thrownBy } from "@cordage/test-support";
import { describe, expect } from "@jest/globals";
import { green, greenEach, numbers } from "../support/green.js";

// 102 TestEvent.test_waiting_for_event
green("an event gives all who wait what was sent, and those who come later", () => {
  const event = new Event<string>();
  const waiters = numbers(2).map(() => spawn(() => event.wait()));
  sleep(0);
  event.send("some stuff");
  expect([...waiters.map((one) => one.wait()), event.wait()]).toEqual(["some stuff", "some stuff", "some stuff"]);
});

// 104 TestEvent.test_multiple_waiters_with_exception
green("a waiter that fails afterwards does not hinder the others", () => {
  const event = new Event();
  const error = new Error("of the first waiter");
  const waiters = numbers(3).map((i) =>
    spawn(() => {
      event.wait();
      if (i === 0) throw error;
      return i;
    }),
  );
  sleep(0);
  event.send();
  expect(thrownBy(() => waiters[0]!.wait())).toBe(error);
  expect(waiters.slice(1).map((one) => one.wait())).toEqual([1, 2]);
});

// 105 TestEvent.test_reset
green("an event is sent once, unless it is reset, which one that was not sent cannot be", () => {
  const event = new Event<number>();
  expect(thrownBy(() => event.reset())).toMatchObject({ code: "ERR_NOT_SENT" });
  event.send(1);
  for (const again of [() => event.send(2), () => event.sendException(new Error("3"))]) {
    expect(thrownBy(again)).toBeInstanceOf(EventletError);
    expect(thrownBy(again)).toMatchObject({ code: "ERR_ALREADY_SENT" });
  }
  expect(event.wait()).toBe(1);
  event.reset();
  expect([event.ready(), thrownBy(() => event.reset()).code]).toEqual([false, "ERR_NOT_SENT"]);
  event.send(2);
  expect(event.wait()).toBe(2);
});

// 106 TestEvent.test_double_exception
green("an error that was sent is thrown to all, until the event is reset", () => {
  const event = new Event();
  const error = new RangeError("sent");
  event.sendException(error);
  expect([thrownBy(() => event.wait()), thrownBy(() => event.wait())]).toEqual([error, error]);
  event.reset();
  event.sendException("not an Error");
  expect(thrownBy(() => event.wait())).toBe("not an Error");
  event.reset();
  expect(event.wait({ timeout: 1 })).toBeUndefined();
});

// 107 test_wait_timeout_ok
greenEach([[true], [false]], "wait with a time has what was sent in time (%p), and undefined otherwise", (isInTime) => {
  const event = new Event<number>();
  const sender = spawn(() => {
    if (isInTime) event.send(5);
  });
  expect(event.wait({ timeout: isInTime ? 60_000 : 5 })).toBe(isInTime ? 5 : undefined);
  sender.wait();
  expect(String(event)).toBe(isInTime ? "<Event sent, 0 waiting>" : "<Event fresh, 0 waiting>");
});

// 109 TestEvent(test__event).test_send_exc
green("whoever waits has the very error thrown that is sent", () => {
  const event = new Event();
  const error = new Error("sent");
  const waiter = spawn(() => thrownBy(() => event.wait()));
  sleep(0);
  expect([event.sendException(error), waiter.dead]).toEqual([undefined, false]);
  expect(waiter.wait()).toBe(error);
});

// 110 TestEvent(test__event).test_send
green("a timeout interrupts a wait, and another event is not touched", () => {
  const [one, other] = [new Event(), new Event<number>()];
  const timeout = new Timeout(0, RangeError);
  try {
    one.send("hello");
    expect(one.wait()).toBe("hello");
    expect(thrownBy(() => other.wait())).toBeInstanceOf(RangeError);
  } finally {
    timeout.cancel();
  }
  other.send(1);
  expect(other.wait()).toBe(1);
});

green(
  "send switches to nobody; whoever waits has what was sent then, also if the event is reset and sent again",
  () => {
    const event = new Event<string>();
    const seen: string[] = [];
    const waiters = numbers(2).map(() => spawn(() => seen.push(event.wait())));
    sleep(0);
    event.send("first");
    event.reset();
    event.send("second");
    expect(seen).toEqual([]);
    for (const one of waiters) one.wait();
    expect([seen, event.wait()]).toEqual([["first", "first"], "second"]);
  },
);

describe("without waiting", () => {
  green("an event tells whether it was sent, and what", () => {
    const [fresh, sent, failed] = [new Event<number>(), new Event<number>(), new Event<number>()];
    const error = new Error("sent");
    sent.send(0);
    failed.sendException(error);
    const all = [fresh, sent, failed];
    expect(all.map((one) => [one.ready(), one.hasResult(), one.hasException()])).toEqual([
      [false, false, false],
      [true, true, false],
      [true, false, true],
    ]);
    expect([fresh.poll(), fresh.poll("not yet"), sent.poll("not yet")]).toEqual([undefined, "not yet", 0]);
    expect(thrownBy(() => failed.poll())).toBe(error);
    expect(all.map((one) => one.pollResult("none"))).toEqual(["none", 0, "none"]);
    expect([fresh, sent].map((one) => one.pollException("none"))).toEqual(["none", "none"]);
    expect(thrownBy(() => failed.pollException("none"))).toBe(error);
  });
});

green("whoever is killed while he waits is forgotten", () => {
  const event = new Event<number>();
  const [dying, living] = [spawn(() => event.wait()), spawn(() => event.wait())];
  sleep(0);
  expect(String(event)).toBe("<Event fresh, 2 waiting>");
  dying.kill();
  expect(String(event)).toBe("<Event fresh, 1 waiting>");
  event.send(1);
  expect(living.wait()).toBe(1);
});
