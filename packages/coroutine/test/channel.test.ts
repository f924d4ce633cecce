import { Channel, ChannelClosedError, select, sleep, spawn } from "@cordage/coroutine";
import { describe, expect, test } from "@jest/globals";
import { code, inVirtualTime } from "./support.js";

function* taken<T>(channel: Channel<T>): Generator<any, T[], any> {
  const values: T[] = [];
  for (let next = yield* channel.next(); !next.done; next = yield* channel.next()) values.push(next.value);
  return values;
}

describe.each([0, 1, 3, Number.POSITIVE_INFINITY])("a channel of capacity %p", (capacity) => {
  test("hands on what is put, in order, until it is closed and empty", () =>
    inVirtualTime(function* () {
      const channel = new Channel<number>(capacity);
      const taker = yield* spawn(taken(channel));
      for (let i = 0; i < 20; i++) yield* channel.put(i);
      channel.close();
      expect(yield* taker.join()).toEqual(Array.from({ length: 20 }, (_, i) => i));
    }));

  test("takes as many as there is room for, and no more", () =>
    inVirtualTime(function* () {
      const channel = new Channel<number>(capacity);
      let put = 0;
      const putter = yield* spawn(function* () {
        for (let i = 0; i < 5; i++) {
          yield* channel.put(i);
          put++;
        }
      });
      yield* sleep(1);
      expect([put, channel.length]).toEqual([Math.min(5, capacity), Math.min(5, capacity)]);
      for (let i = 0; i < 5; i++) expect(yield* channel.take()).toBe(i);
      yield* putter.join();
      expect(channel.tryTake()).toBeUndefined();
    }));

  test("serves those first that waited longest", () =>
    inVirtualTime(function* () {
      const channel = new Channel<string>(capacity);
      const got: string[] = [];
      for (const name of ["a", "b", "c"])
        yield* spawn(function* () {
          got.push(`${name}${yield* channel.take()}`);
        });
      yield;
      for (const value of ["1", "2", "3"]) yield* channel.put(value);
      yield* sleep(1);
      expect(got).toEqual(["a1", "b2", "c3"]);
    }));

  test("loses nothing when somebody is cancelled who waits", () =>
    inVirtualTime(function* () {
      const channel = new Channel<number>(capacity);
      const takers = [yield* spawn(() => channel.take()), yield* spawn(() => channel.take())];
      yield;
      takers[0]!.cancel();
      yield* channel.put(1);
      expect(yield* takers[1]!.join()).toBe(1);
    }));
});

test("a put that is cancelled has put nothing", () =>
  inVirtualTime(function* () {
    const channel = new Channel<number>(1);
    yield* channel.put(1);
    const cancelled = yield* spawn(() => channel.put(2));
    yield* spawn(() => channel.put(3));
    yield;
    cancelled.cancel();
    expect([yield* channel.take(), yield* channel.take(), channel.tryTake()]).toEqual([1, 3, undefined]);
  }));

describe("a channel that is closed", () => {
  test("still gives what is in it, then says so in either form", () =>
    inVirtualTime(function* () {
      const channel = new Channel<number>(2);
      yield* channel.put(1);
      yield* channel.put(2);
      channel.close();
      channel.close();
      expect([channel.closed, channel.length]).toEqual([true, 2]);
      expect(yield* channel.take()).toBe(1);
      expect(yield* channel.next()).toEqual({ done: false, value: 2 });
      expect(yield* channel.next()).toEqual({ done: true, value: undefined });
      let error: unknown;
      try {
        yield* channel.take();
      } catch (thrown) {
        error = thrown;
      }
      expect(error).toMatchObject(code("ERR_CHANNEL_CLOSED"));
    }));

  test("gives a value back that can no longer be put", () =>
    inVirtualTime(function* () {
      const channel = new Channel<string>();
      const putter = yield* spawn(function* () {
        try {
          yield* channel.put("waited");
        } catch (error) {
          return error;
        }
      });
      yield;
      channel.close();
      const errors: unknown[] = [yield* putter.join()];
      try {
        yield* channel.put("late");
      } catch (error) {
        errors.push(error);
      }
      expect(() => channel.tryPut("now")).toThrow(ChannelClosedError);
      expect(errors).toMatchObject([{ item: "waited" }, { item: "late" }]);
    }));

  test("wakes everybody who waits to take", () =>
    inVirtualTime(function* () {
      const channel = new Channel<number>();
      const waiting = yield* spawn(() => channel.next());
      const failing = yield* spawn(function* () {
        try {
          yield* channel.take();
        } catch (error) {
          return error;
        }
      });
      yield;
      channel.close();
      expect(yield* waiting.join()).toEqual({ done: true, value: undefined });
      expect(yield* failing.join()).toBeInstanceOf(ChannelClosedError);
    }));
});

test.each([-1, 1.5, "2", Number.NaN])("a capacity of %p is refused", (capacity) => {
  expect(() => new Channel(capacity as number)).toThrow(/capacity must be a/);
});

test("says how full it is", () => {
  const channel = new Channel(2);
  channel.tryPut(1);
  expect(`${channel}`).toBe("<Channel 1/2>");
  channel.close();
  expect(`${channel}`).toBe("<Channel 1/2, closed>");
});

describe("select", () => {
  test("carries out the one that can be, and leaves the others as they were", () =>
    inVirtualTime(function* () {
      const [full, empty, ready] = [new Channel<number>(1), new Channel<number>(), new Channel<number>(1)];
      full.tryPut(0);
      ready.tryPut(7);
      expect(yield* select(full.put(1), empty.take(), ready.take())).toEqual({ index: 2, value: 7 });
      expect([full.length, empty.tryPut(5), ready.length]).toEqual([1, false, 0]);
    }));

  test("waits for the first, and none of the others happens", () =>
    inVirtualTime(function* () {
      const [a, b, c] = [new Channel<string>(), new Channel<string>(), new Channel<number>()];
      const selecting = yield* spawn(() => select(a.take(), b.take(), c.put(1), sleep(1000)));
      yield;
      expect(`${selecting}`).toMatch(/^<Task .*: waiting for the first of: .*taking from a channel/);
      expect(b.tryPut("b")).toBe(true);
      expect(yield* selecting.join()).toEqual({ index: 1, value: "b" });
      expect([a.tryPut("a"), b.tryPut("again"), c.tryTake()]).toEqual([false, false, undefined]);
    }));

  test("goes on when its time is over", () =>
    inVirtualTime(function* () {
      expect(yield* select(new Channel<number>().take(), sleep(10))).toEqual({ index: 1, value: undefined });
    }));

  test("throws what the one fails with that is first", () =>
    inVirtualTime(function* () {
      const channel = new Channel<number>();
      channel.close();
      let error: unknown;
      try {
        yield* select(new Channel<number>().take(), channel.take());
      } catch (thrown) {
        error = thrown;
      }
      expect(error).toMatchObject(code("ERR_CHANNEL_CLOSED"));
    }));

  test("takes nothing when it is cancelled", () =>
    inVirtualTime(function* () {
      const channel = new Channel<number>();
      const selecting = yield* spawn(() => select(channel.take(), sleep(1000)));
      yield;
      selecting.cancel();
      expect(channel.tryPut(1)).toBe(false);
    }));

  test("two of them meet", () =>
    inVirtualTime(function* () {
      const channel = new Channel<string>();
      const taker = yield* spawn(() => select(channel.take(), sleep(1000)));
      const putter = yield* spawn(() => select(channel.put("met"), sleep(1000)));
      expect([yield* taker.join(), yield* putter.join()]).toEqual([
        { index: 0, value: "met" },
        { index: 0, value: undefined },
      ]);
    }));

  test.each([[[]], [[5]]])("of %p is refused", (effects) => {
    expect(() => select(...(effects as never[]))).toThrow(expect.objectContaining(code("ERR_INVALID_ARG_TYPE")));
  });
});
