/** The queue that holds nothing. Source: TestChannel of gevent's test__queue. */
import { GreenletExit, idle, joinAll, queue, sleep, spawn, Timeout, wait } from "@cordage/gevent";
import { thrownBy } from "@cordage/test-support";
import { describe, expect } from "@jest/globals";
import { green } from "../support/green.js";

const { Channel, QueueEmpty, QueueFull, StopIteration } = queue;

/** In a callback of the event loop. */
const later = <T>(fn: () => T): T => wait(new Promise<void>((resolve) => setImmediate(resolve)).then(fn));

describe("a channel", () => {
  // 124 UsesOnlyOneItemMixin.test_put_nowait_simple, 141 TestChannel.test_get_nowait_unlock_channel
  green("is always empty and full", () => {
    const channel = new Channel();
    const look = () => [channel.empty(), channel.full(), channel.qsize()];
    expect(look()).toEqual([true, true, 0]);
    expect(thrownBy(() => later(() => channel.putNoWait(1)))).toBeInstanceOf(QueueFull);
    expect(thrownBy(() => later(() => channel.putNoWait(2)))).toBeInstanceOf(QueueFull);
    expect(thrownBy(() => channel.getNoWait())).toBeInstanceOf(QueueEmpty);
    const putter = spawn(() => channel.put(1));
    sleep(0);
    expect([look(), putter.ready()]).toEqual([[true, true, 0], false]);
    expect(later(() => channel.getNoWait())).toBe(1);
    putter.join();
    expect(thrownBy(() => channel.getNoWait())).toBeInstanceOf(QueueEmpty);
  });

  // 125 UsesOnlyOneItemMixin.test_put_nowait_unlock
  green("takes an item at once if somebody waits for it", () => {
    const channel = new Channel<number>();
    const getters = [1, 2].map(() => spawn(() => channel.get()));
    sleep(0);
    later(() => channel.putNoWait(1));
    channel.putNoWait(2);
    expect(thrownBy(() => channel.putNoWait(3))).toBeInstanceOf(QueueFull);
    expect(getters.map((one) => one.get())).toEqual([1, 2]);
  });

  // 126 UsesOnlyOneItemMixin.test_send_last, 142 TestChannel.test_zero_max_size
  green("has a sender wait for a receiver, and the other way round", () => {
    const channel = new Channel<string>();
    const sender = spawn(() => channel.put("hi"));
    idle();
    expect(sender.ready()).toBe(false);
    const receiver = spawn(() => channel.get());
    expect([receiver.get(), sender.get()]).toEqual(["hi", undefined]);
    const second = spawn(() => channel.get());
    idle();
    channel.put("later");
    expect(second.get()).toBe("later");
  });

  // 144 TestChannel.test_wait
  green("hands over in turns: who put goes on after who got", () => {
    const channel = new Channel<string>();
    const events: string[] = [];
    const sender = spawn(() => {
      events.push("sending hello");
      channel.put("hello");
      events.push("sending world");
      channel.put("world");
      events.push("sent world");
    });
    expect(events).toEqual([]);
    events.push("waiting");
    events.push(channel.get());
    events.push(channel.get());
    expect(events).toEqual(["waiting", "sending hello", "hello", "sending world", "world"]);
    sender.join();
    expect(events.at(-1)).toBe("sent world");
  });

  // 145 TestChannel.test_iterable
  green("can be looped over, until the end", () => {
    const channel = new Channel<any>();
    const sender = spawn(() => {
      for (const item of [0, 1, StopIteration]) channel.put(item);
    });
    expect([...channel]).toEqual([0, 1]);
    sender.join();
  });

  // 135 TestSimpleQueue.test_multiple_waiters
  green("serves in the order in which they came", () => {
    const channel = new Channel<number>();
    const getters = [1, 2, 3].map(() => spawn(() => channel.get()));
    sleep(0);
    joinAll([1, 2, 3].map((item) => spawn(() => channel.put(item))));
    expect(getters.map((one) => one.get())).toEqual([1, 2, 3]);
  });

  // 4 AbstractGenericGetTestCase.test_raises_timeout_Timeout, 150 TestGetInterrupt.test_raises_timeout_number
  // 136 TestSimpleQueue.test_waiters_that_cancel, 152 TestPutInterrupt.test_raises_timeout_number
  green("forgets who gave up", () => {
    const channel = new Channel<string>();
    for (const timeout of [1, 0]) {
      expect(thrownBy(() => channel.get({ timeout }))).toBeInstanceOf(QueueEmpty);
      expect(thrownBy(() => channel.put("none", { timeout }))).toBeInstanceOf(QueueFull);
    }
    const own = new Timeout(1);
    expect(thrownBy(() => channel.get({ timeout: own }))).toBe(own);
    const killed = spawn(() => channel.put("killed"));
    sleep(0);
    killed.kill();
    const getter = spawn(() => channel.get());
    sleep(0);
    channel.put("hi");
    expect(getter.get()).toBe("hi");
  });
});

describe("an item of a putter who is killed, but does not know it yet,", () => {
  const putters = (channel: queue.Channel<string>, ...items: string[]) => {
    const all = items.map((item) => spawn(() => channel.put(item)));
    sleep(0);
    all[0]!.kill(GreenletExit, { block: false });
    return all;
  };

  green("is nobody's", () => {
    const channel = new Channel<string>();
    const [killed] = putters(channel, "not put");
    expect(thrownBy(() => channel.getNoWait())).toBeInstanceOf(QueueEmpty);
    expect(killed!.get()).toBeInstanceOf(GreenletExit);
    expect(thrownBy(() => channel.getNoWait())).toBeInstanceOf(QueueEmpty);
  });

  green("is passed over for that of the next one", () => {
    const channel = new Channel<string>();
    const [killed, next] = putters(channel, "not put", "put");
    expect(channel.getNoWait()).toBe("put");
    expect([killed!.get(), next!.get()]).toEqual([expect.any(GreenletExit), undefined]);
  });

  green("is taken if he is killed after that, and he has put it", () => {
    const channel = new Channel<string>();
    const putter = spawn(() => {
      channel.put("put");
      return "has put";
    });
    sleep(0);
    const item = channel.getNoWait();
    putter.kill(GreenletExit, { block: false });
    expect([item, putter.get()]).toEqual(["put", "has put"]);
  });
});

describe("an item on its way to a getter who is killed", () => {
  const onItsWay = () => {
    const channel = new Channel<string>();
    const getter = spawn(() => channel.get());
    sleep(0);
    getter.kill(GreenletExit, { block: false });
    channel.putNoWait("kept");
    return { channel, getter };
  };

  green("is the next getter's who waits", () => {
    const { channel, getter } = onItsWay();
    const next = spawn(() => channel.get());
    expect([getter.get(), next.get()]).toEqual([expect.any(GreenletExit), "kept"]);
  });

  green("is that of who comes later, before any other item", () => {
    const { channel, getter } = onItsWay();
    getter.join();
    const putter = spawn(() => channel.put("second"));
    sleep(0);
    expect([channel.get(), channel.getNoWait()]).toEqual(["kept", "second"]);
    putter.join();
  });
});

green("two who hand items to each other through a channel let timers have their turn", () => {
  const channel = new Channel<number>();
  let isTime = false;
  const later = () => {
    isTime = true;
  };
  const putter = spawn(() => {
    for (let i = 0; i < 100_000 && !isTime; i++) {
      if (i === 10) setTimeout(later, 1); // by now they go on from within each other
      channel.put(i);
    }
    const wasInTime = isTime;
    channel.put(-1);
    return wasInTime;
  });
  while (channel.get() >= 0);
  expect(putter.get()).toBe(true);
});
