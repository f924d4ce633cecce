/** Queues, and channels: queues of size 0. Source: eventlet's queue_test. */
import {
  Event,
  GreenletExit,
  LifoQueue,
  LightQueue,
  PriorityQueue,
  Queue,
  QueueEmpty,
  QueueFull,
  sleep,
  spawn,
  Timeout,
} from "@cordage/eventlet";
import { thrownBy } from "@cordage/test-support";
import { describe, expect } from "@jest/globals";
import { green, greenEach, numbers, onTheHub } from "../support/green.js";

describe.each(Object.entries({ LightQueue, Queue, LifoQueue, PriorityQueue }))("a %s", (name, Kind) => {
  // 29 TestQueue.test_send_first
  green("gives what was put", () => {
    const q = new Kind<string>();
    q.put("hi");
    expect(q.get()).toBe("hi");
  });

  // 30 TestQueue.test_send_last
  green("gives a later put to whoever waits", () => {
    const q = new Kind<string>();
    const getter = spawn(() => q.get());
    sleep(0);
    q.put("hi2");
    expect(getter.wait()).toBe("hi2");
  });

  // 31 TestQueue.test_max_size
  green("of size 2 has a third put wait", () => {
    const q = new Kind<string>(2);
    const seen: string[] = [];
    const putter = spawn(() => {
      for (const item of ["a", "b", "c"]) {
        q.put(item);
        seen.push(item);
      }
    });
    sleep(0);
    expect([seen, q.full(), q.putting(), q.qsize()]).toEqual([["a", "b"], true, 1, 2]);
    const got = numbers(3).map(() => q.get());
    putter.wait();
    expect(got).toEqual({ LifoQueue: ["b", "a", "c"] }[name] ?? ["a", "b", "c"]);
    expect([seen, q.empty(), q.putting()]).toEqual([["a", "b", "c"], true, 0]);
  });

  // 34 TestQueue.test_resize_down
  green("that is resized to less than it has keeps all", () => {
    const q = new Kind<number>(5);
    for (const i of numbers(5)) q.put(i);
    q.resize(2);
    expect([q.maxsize, q.qsize(), q.full()]).toEqual([2, 5, true]);
    expect(numbers(5).map(() => q.get())).toEqual(name === "LifoQueue" ? numbers(5).reverse() : numbers(5));
  });

  // 35 TestQueue.test_resize_to_Unlimited
  greenEach([[null], [3], [-1]], "that is resized to %p lets those put who wait", (size) => {
    const q = new Kind<number>(0);
    const putter = spawn(() => q.put(5));
    sleep(0);
    expect([putter.dead, q.putting()]).toEqual([false, 1]);
    q.resize(size);
    putter.wait();
    expect(q.get()).toBe(5);
  });

  // 36 TestQueue.test_multiple_waiters
  green("serves all who wait, in the order in which they came", () => {
    const q = new Kind<number>();
    const getters = numbers(4).map(() => spawn(() => q.get()));
    sleep(0);
    expect(q.getting()).toBe(4);
    const expected = name === "LifoQueue" ? [3, 2, 1, 0] : [0, 1, 2, 3];
    for (const i of numbers(4)) q.put(i);
    expect(getters.map((one) => one.wait())).toEqual(expected);
  });

  // 37 TestQueue.test_waiters_that_cancel
  green("loses nothing to one who gave up", () => {
    const q = new Kind<string>();
    expect(thrownBy(() => q.get({ timeout: 1 }))).toBeInstanceOf(QueueEmpty);
    const timeout = new Timeout(1);
    expect(thrownBy(() => q.get())).toBe(timeout);
    q.put("hi");
    expect([q.get(), q.getting()]).toEqual(["hi", 0]);
  });

  // 39 TestQueue.test_two_waiters_one_dies
  green("gives an item to the one who lives", () => {
    const q = new Kind<string>();
    const [dying, living] = [spawn(() => q.get()), spawn(() => q.get())];
    sleep(0);
    q.put("hi");
    dying.kill();
    expect([living.wait(), q.qsize()]).toEqual(["hi", 0]);
  });

  // 40 TestQueue.test_two_bogus_waiters
  green("keeps the item if nobody is left who waits", () => {
    const q = new Kind<string>();
    const both = [spawn(() => q.get()), spawn(() => q.get())];
    sleep(0);
    for (const one of both) one.kill();
    q.put("sent");
    expect(q.get()).toBe("sent");
  });

  // 41 TestQueue.test_waiting
  green("counts those who wait for an item", () => {
    const q = new Kind<string>();
    expect(q.getting()).toBe(0);
    const getter = spawn(() => q.get());
    sleep(0);
    expect(q.getting()).toBe(1);
    q.put("hi");
    expect(getter.wait()).toBe("hi");
    expect(q.getting()).toBe(0);
  });

  green("that is not full does not have a put wait, and one that is not empty no get, whoever waits", () => {
    const q = new Kind<number>(1);
    q.put(1);
    const putter = spawn(() => q.put(2));
    sleep(0);
    expect([q.get(), q.full()]).toEqual([1, false]);
    q.putNoWait(3);
    expect([q.full(), q.get()]).toEqual([true, 3]);
    putter.wait();
    const getter = spawn(() => q.get());
    expect([q.get(), q.empty()]).toEqual([2, true]);
    sleep(0);
    q.put(4);
    expect([q.empty(), q.getNoWait()]).toEqual([false, 4]);
    q.put(5);
    expect(getter.wait()).toBe(5);
  });

  green("refuses what cannot be in time", () => {
    const q = new Kind<number>(1);
    expect(thrownBy(() => q.get({ timeout: 0 }))).toBeInstanceOf(QueueEmpty);
    expect(thrownBy(() => q.getNoWait())).toMatchObject({ code: "ERR_QUEUE_EMPTY" });
    q.put(1);
    expect(thrownBy(() => q.put(2, { timeout: 0 }))).toBeInstanceOf(QueueFull);
    expect(thrownBy(() => q.put(2, { timeout: 1 }))).toBeInstanceOf(QueueFull);
    expect(thrownBy(() => q.putNoWait(2))).toMatchObject({ code: "ERR_QUEUE_FULL" });
    expect([q.qsize(), q.putting(), q.get()]).toEqual([1, 0, 1]);
  });

  greenEach([[0], [1], [2]], "of size %p counts each who waits once for what is put without waiting", (size) => {
    const q = new Kind<number>(size);
    const getters = [spawn(() => q.get()), spawn(() => q.get())];
    sleep(0);
    for (const i of numbers(2 + size)) q.putNoWait(i);
    expect(thrownBy(() => q.putNoWait(-1))).toBeInstanceOf(QueueFull);
    for (const one of getters) one.wait();
    expect([q.qsize(), q.full()]).toEqual([size, true]);
  });

  green("has nothing put without waiting for one who waits before whoever waited to put", () => {
    const q = new Kind<number>(0);
    const getter = spawn(() => q.get());
    const putter = spawn(() => q.put(1));
    const other = spawn(() => thrownBy(() => q.putNoWait(2)));
    expect([getter.wait(), putter.wait(), other.wait()]).toEqual([1, undefined, expect.any(QueueFull)]);
    expect(q.qsize()).toBe(0);
  });

  green("has nothing taken without waiting from one who waits to put, and may be interrupted", () => {
    const q = new Kind<string>(1);
    q.put("a");
    const putter = spawn(() => thrownBy(() => q.put("b")));
    sleep(0);
    expect([q.getNoWait(), thrownBy(() => q.getNoWait())]).toEqual(["a", expect.any(QueueEmpty)]);
    putter.kill();
    expect([putter.wait(), q.qsize()]).toEqual([expect.any(GreenletExit), 0]);
  });

  green("has nothing taken from one who waits to put, and is killed by whoever takes", () => {
    const q = new Kind<string>(1);
    q.put("a");
    const events: string[] = [];
    const putter = spawn(() => {
      q.put("b");
      events.push("put");
    });
    sleep(0);
    const taker = spawn(() => {
      const item = q.get();
      putter.kill();
      return item;
    });
    q.get(); // there is room for one, and nothing to take, by the time that both are served
    expect([taker.wait(), putter.dead, events]).toEqual(["b", true, ["put"]]);
  });

  green("has a callback of the event loop take from one who waits to put, and he goes on at once", () => {
    const q = new Kind<string>(1);
    q.put("a");
    const putter = spawn(() => q.put("b"));
    sleep(0);
    onTheHub(() => expect([q.getNoWait(), q.getNoWait(), putter.dead]).toEqual(["a", "b", true]));
  });
});

describe("a channel", () => {
  // 32 TestQueue.test_zero_max_size
  green("has whoever puts wait until somebody takes", () => {
    const q = new Queue<string>(0);
    const event = new Event<string>();
    const sender = spawn(() => {
      q.put("hi");
      event.send("done");
    });
    sleep(0);
    expect([event.ready(), q.empty(), q.full(), q.qsize()]).toEqual([false, true, true, 0]);
    expect([spawn(() => q.get()).wait(), event.wait(), sender.wait()]).toEqual(["hi", "done", undefined]);
  });

  // 42 TestQueue.test_channel_send
  green("has the receiver go on before the sender", () => {
    const channel = new Queue<string>(0);
    const events: string[] = [];
    spawn(() => {
      events.push(channel.get());
      events.push(channel.get());
    });
    events.push("sending");
    channel.put("hello");
    events.push("sent hello");
    channel.put("world");
    events.push("sent world");
    expect(events).toEqual(["sending", "hello", "sent hello", "world", "sent world"]);
  });

  // 44 TestQueue.test_channel_waiters
  green("matches getters and putters, each once", () => {
    const channel = new Queue<number>(0);
    const getters = numbers(3).map(() => spawn(() => channel.get()));
    sleep(0);
    expect(channel.getting()).toBe(3);
    const putters = numbers(3).map((i) => spawn(() => channel.put(i)));
    for (const one of putters) one.wait();
    expect(getters.map((one) => one.wait())).toEqual([0, 1, 2]);
    expect([channel.getting(), channel.putting()]).toEqual([0, 0]);
  });

  // 45 TestQueue.test_channel_sender_timing_out
  green("keeps nothing of one who was late", () => {
    const channel = new Queue<string>(0);
    expect(thrownBy(() => channel.put("hi", { timeout: 1 }))).toBeInstanceOf(QueueFull);
    expect(thrownBy(() => channel.getNoWait())).toBeInstanceOf(QueueEmpty);
  });

  // 46 TestQueue.test_task_done
  green("counts what has not been dealt with", () => {
    const channel = new Queue<string>(0);
    const x = spawn(() => channel.put("sent"));
    expect(channel.get()).toBe("sent");
    expect(channel.unfinishedTasks).toBe(1);
    channel.taskDone();
    expect(channel.unfinishedTasks).toBe(0);
    expect(thrownBy(() => channel.taskDone())).toMatchObject({ name: "EventletError", code: "ERR_TASK_DONE" });
    expect([x.wait(), channel.join({ timeout: 0 })]).toEqual([undefined, true]);
  });

  // 52 TestNoWait.test_put_nowait_unlock
  greenEach(
    [["the event loop"], ["a greenthread"]],
    "has what is put in %s without waiting taken by whoever waits",
    (where) => {
      const q = new Queue<number>(0);
      const getter = spawn(() => q.get());
      expect([q.empty(), q.full()]).toEqual([true, true]);
      sleep(0);
      const put = () => q.putNoWait(10);
      if (where === "a greenthread") put();
      else onTheHub(put);
      expect(getter.wait()).toBe(10);
      expect([q.empty(), q.full(), thrownBy(put).code]).toEqual([true, true, "ERR_QUEUE_FULL"]);
    },
  );

  // 51 TestNoWait.test_get_nowait_unlock
  greenEach([["the event loop"], ["a greenthread"]], "has %s take from whoever waits, without waiting", (where) => {
    const q = new Queue<number>(0);
    const putter = spawn(() => q.put(5));
    sleep(0);
    expect([q.putting(), q.empty(), q.full()]).toEqual([1, true, true]);
    const get = () => q.getNoWait();
    expect(where === "a greenthread" ? get() : onTheHub(get)).toBe(5);
    putter.wait();
    expect([putter.dead, q.putting(), thrownBy(get).code]).toEqual([true, 0, "ERR_QUEUE_EMPTY"]);
  });

  green("keeps what was put without waiting for one who is killed before he has it", () => {
    const q = new Queue<number>(0);
    const [dying, living] = [spawn(() => q.get()), spawn(() => q.get())];
    sleep(0);
    q.putNoWait(7);
    dying.kill();
    expect(living.wait()).toBe(7);
    const alone = spawn(() => q.get());
    sleep(0);
    q.putNoWait(8);
    alone.kill();
    expect([q.qsize(), q.get(), q.empty()]).toEqual([1, 8, true]);
  });
});

// 49 TestNoWait.test_put_nowait_simple, 50 TestNoWait.test_get_nowait_simple
green("what does not wait works in callbacks of the event loop", () => {
  onTheHub(() => {
    const q = new Queue<number>(1);
    expect([q.putNoWait(2), thrownBy(() => q.putNoWait(3)).code]).toEqual([undefined, "ERR_QUEUE_FULL"]);
    expect([q.getNoWait(), thrownBy(() => q.getNoWait()).code]).toEqual([2, "ERR_QUEUE_EMPTY"]);
    q.put(4);
    expect([q.get(), q.join({ timeout: 0 })]).toEqual([4, false]);
  });
});

describe("join", () => {
  // 47 TestQueue.test_join_doesnt_block_when_queue_is_already_empty
  green("of a queue that had nothing returns", () => {
    expect(new Queue().join()).toBe(true);
  });

  green("waits until all is dealt with, and again after more was put", () => {
    const q = new Queue<number>();
    for (const _ of [1, 2]) {
      for (const i of numbers(3)) q.put(i);
      expect(q.join({ timeout: 1 })).toBe(false);
      const joiner = spawn(() => q.join());
      for (const i of numbers(3)) {
        sleep(0);
        expect([q.get(), joiner.dead]).toEqual([i, false]);
        q.taskDone();
      }
      expect(joiner.wait()).toBe(true);
    }
  });
});

describe("a PriorityQueue", () => {
  green("gives the smallest first, arrays by their elements, equal ones in their order", () => {
    const q = new PriorityQueue<[number, string]>();
    for (const item of [
      [2, "b"],
      [1, "z"],
      [2, "a"],
      [0, "c"],
    ] as Array<[number, string]>)
      q.put(item);
    expect(numbers(4).map(() => q.get())).toEqual([
      [0, "c"],
      [1, "z"],
      [2, "a"],
      [2, "b"],
    ]);
  });

  green("may have an order of one's own; an error of that is for whoever it is about, and nothing is lost", () => {
    const error = new Error("of the order");
    const q = new PriorityQueue<number | string>(1, (a, b) => {
      if (typeof a === "string" || typeof b === "string") throw error;
      return b - a;
    });
    q.put(1);
    const putters = [spawn(() => thrownBy(() => q.put("x"))), spawn(() => q.put(3))];
    sleep(0);
    q.resize(5);
    expect(putters.map((one) => one.wait())).toEqual([error, undefined]);
    expect([q.get(), q.get(), q.qsize(), q.unfinishedTasks]).toEqual([3, 1, 0, 2]);
  });
});

greenEach(
  [[0], [1]],
  "two who hand items to each other through a queue of size %p let timers have their turn",
  (size) => {
    const q = new Queue<number>(size);
    let isTime = false;
    const later = () => {
      isTime = true;
    };
    const putter = spawn(() => {
      for (let i = 0; i < 100_000 && !isTime; i++) {
        if (i === 10) setTimeout(later, 1); // by now they go on from within each other
        q.put(i);
      }
      const wasInTime = isTime;
      q.put(-1);
      return wasInTime;
    });
    while (q.get() >= 0);
    expect(putter.wait()).toBe(true);
  },
);

green("a subclass may hold items as it likes, and its errors come to whoever gets", () => {
  const error = new Error("of the items");
  class Odd extends LightQueue<number> {
    protected override _get(): number {
      const item = super._get();
      if (item < 0) throw error;
      return item;
    }
  }
  const q = new Odd();
  const getters = [spawn(() => thrownBy(() => q.get())), spawn(() => q.get())];
  sleep(0);
  q.put(-1);
  q.put(1);
  expect(getters.map((one) => one.wait())).toEqual([error, 1]);
});

green("a queue says what it has, and who waits", () => {
  const q = new Queue<number>(1);
  q.put(1);
  spawn(() => q.put(2));
  sleep(0);
  expect([String(q), String(new LightQueue())]).toEqual([
    "<Queue 1 of 1, 0 getting, 1 putting>",
    "<LightQueue 0 of Infinity, 0 getting, 0 putting>",
  ]);
});
