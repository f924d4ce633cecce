/** Queues. Source: gevent's test__queue. */
import { event, type Greenlet, GreenletExit, idle, joinAll, queue, sleep, spawn, Timeout, wait } from "@cordage/gevent";
import { thrownBy, untilCollected } from "@cordage/test-support";
import { describe, expect, test } from "@jest/globals";
import { green, greenEach } from "../support/green.js";

const {
  SimpleQueue,
  Queue,
  JoinableQueue,
  LifoQueue,
  PriorityQueue,
  QueueEmpty,
  QueueFull,
  QueueShutDown,
  StopIteration,
} = queue;
type AnyQueue = queue.SimpleQueue<any>;
type Kind = new (maxsize?: number | null, items?: Iterable<any>) => AnyQueue;

const kinds: Array<[string, Kind]> = Object.entries({ SimpleQueue, Queue, JoinableQueue, LifoQueue, PriorityQueue });
const joinable: Array<[string, new (maxsize?: number | null) => queue.Queue]> = Object.entries({
  Queue,
  JoinableQueue,
  LifoQueue,
  PriorityQueue,
});

/** What a callback of the event loop gives back, or throws. */
function inCallback<T>(fn: () => T): T {
  return wait(
    new Promise<T>((resolve, reject) => {
      setImmediate(() => {
        try {
          resolve(fn());
        } catch (error) {
          reject(error);
        }
      });
    }),
  );
}

describe.each(kinds)("%s", (_, Kind) => {
  // 124 UsesOnlyOneItemMixin.test_put_nowait_simple
  green("refuses a second item of one, also in a callback", () => {
    const q = new Kind(1);
    expect(inCallback(() => q.putNoWait(1))).toBeUndefined();
    expect(thrownBy(() => inCallback(() => q.putNoWait(2)))).toBeInstanceOf(QueueFull);
    expect([q.qsize(), q.full(), q.empty(), q.get()]).toEqual([1, true, false, 1]);
  });

  // 125 UsesOnlyOneItemMixin.test_put_nowait_unlock
  green("wakes a getter when a callback puts", () => {
    const q = new Kind(1);
    const getter = spawn(() => q.get());
    sleep(0);
    expect([q.empty(), q.waitingGetters]).toEqual([true, 1]);
    inCallback(() => q.putNoWait(5));
    expect([getter.get(), q.empty(), q.waitingGetters]).toEqual([5, true, 0]);
  });

  // 126 UsesOnlyOneItemMixin.test_send_last
  green("gives a getter what is put later", () => {
    const q = new Kind(1);
    const getter = spawn(() => q.get());
    sleep(0);
    expect(q.put("hi2")).toBeUndefined();
    expect(getter.get()).toBe("hi2");
  });

  // 129 TestSimpleQueue.test_get_nowait_simple
  green("gives a callback its item, then none", () => {
    const q = new Kind(1);
    q.put(4);
    expect(inCallback(() => q.getNoWait())).toBe(4);
    expect(thrownBy(() => inCallback(() => q.getNoWait()))).toBeInstanceOf(QueueEmpty);
  });

  // 130 TestSimpleQueue.test_get_nowait_unlock
  green("lets a putter go on when a callback gets", () => {
    const q = new Kind(1);
    q.put(1);
    const putter = spawn(() => q.put(2));
    sleep(0);
    expect([putter.ready(), q.waitingPutters]).toEqual([false, 1]);
    inCallback(() => q.getNoWait());
    putter.join();
    expect([q.getNoWait(), q.empty(), q.waitingPutters]).toEqual([2, true, 0]);
  });

  // 131 TestSimpleQueue.test_send_first
  green("can be looked into", () => {
    const q = new Kind();
    q.put("hi");
    expect([q.peek(), q.peekNoWait(), q.qsize(), q.get()]).toEqual(["hi", "hi", 1, "hi"]);
  });

  // 132 TestSimpleQueue.test_peek_empty (without an end: exits.test.ts)
  green("has nothing to look at while it is empty; a later item is seen by all and stays", () => {
    const q = new Kind();
    expect(thrownBy(() => q.peek({ timeout: 5 }))).toBeInstanceOf(QueueEmpty);
    expect(thrownBy(() => q.peekNoWait())).toBeInstanceOf(QueueEmpty);
    const all = [1, 2].map(() => spawn(() => q.peek()));
    sleep(0);
    q.put("item");
    expect(all.map((one) => one.get())).toEqual(["item", "item"]);
    expect([q.qsize(), q.waitingGetters]).toEqual([1, 0]);
  });

  // 134 TestSimpleQueue.test_max_size
  green("of two has a third putter wait", () => {
    const q = new Kind(2);
    const seen: string[] = [];
    const putter = spawn(() => {
      for (const item of ["a", "b", "c"]) {
        q.put(item);
        seen.push(item);
      }
    });
    idle();
    expect(seen).toEqual(["a", "b"]);
    const first = q.get();
    putter.join();
    expect(seen).toEqual(["a", "b", "c"]);
    expect([first, q.get(), q.get()].sort()).toEqual(["a", "b", "c"]);
  });

  // 135 TestSimpleQueue.test_multiple_waiters
  green("gives each getter one item", () => {
    const q = new Kind();
    const getters = [1, 2, 3, 4].map(() => spawn(() => q.get()));
    sleep(0);
    for (let puts = 1; puts <= 4; puts++) {
      q.put(puts);
      idle();
      expect(getters.filter((one) => one.ready())).toHaveLength(puts);
    }
    expect(getters.map((one) => one.value)).toEqual([1, 2, 3, 4]);
  });

  // 136 TestSimpleQueue.test_waiters_that_cancel, 139 TestSimpleQueue.test_two_bogus_waiters
  green("forgets getters who gave up: a later item is for who gets then", () => {
    const q = new Kind();
    const bogus = [1, 2].map(() => spawn(() => thrownBy(() => q.get({ timeout: 1 }))));
    const killed = spawn(() => q.get());
    sleep(0);
    killed.kill();
    joinAll(bogus);
    expect(bogus.map((one) => one.value instanceof QueueEmpty)).toEqual([true, true]);
    expect(q.waitingGetters).toBe(0);
    q.put("hi");
    idle();
    expect([q.qsize(), q.get()]).toEqual([1, "hi"]);
  });

  green("forgets putters who gave up, and their items", () => {
    const q = new Kind(1);
    q.put(0);
    const timedOut = spawn(() => thrownBy(() => q.put(1, { timeout: 1 })));
    const killed = spawn(() => q.put(2));
    const patient = spawn(() => q.put(3));
    sleep(0);
    killed.kill();
    expect(timedOut.get()).toBeInstanceOf(QueueFull);
    expect([q.get(), q.get()]).toEqual([0, 3]);
    patient.join();
    expect([q.waitingPutters, q.qsize()]).toEqual([0, 0]);
  });

  // 137 TestSimpleQueue.test_senders_that_die
  green("keeps what was put by one that has ended", () => {
    const q = new Kind();
    spawn(() => q.put("sent")).join();
    expect(q.get()).toBe("sent");
  });

  // 150 TestGetInterrupt.test_raises_timeout_number, 152 TestPutInterrupt.test_raises_timeout_number
  green("waits no longer than it is told", () => {
    const q = new Kind(1);
    for (const timeout of [5, 0, -1]) expect(thrownBy(() => q.get({ timeout }))).toBeInstanceOf(QueueEmpty);
    q.put(1);
    for (const timeout of [5, 0, -1]) expect(thrownBy(() => q.put(2, { timeout }))).toBeInstanceOf(QueueFull);
    expect([q.qsize(), q.get()]).toEqual([1, 1]);
  });

  // 4 AbstractGenericGetTestCase.test_raises_timeout_Timeout, 5 AbstractGenericGetTestCase.test_raises_timeout_Timeout_exc_customized
  green("throws a timeout of one's own, or what that was made with", () => {
    const q = new Kind(1);
    const error = new RangeError("customized");
    for (const [own, thrown] of [[new Timeout(1)], [new Timeout(1, error), error]].map(([own, thrown]) => [
      own,
      thrown ?? own,
    ])) {
      expect(thrownBy(() => q.get({ timeout: own as Timeout }))).toBe(thrown);
      expect(thrownBy(() => q.peek({ timeout: own as Timeout }))).toBe(thrown);
    }
    q.put(1);
    const own = new Timeout(1);
    expect(thrownBy(() => q.put(2, { timeout: own }))).toBe(own);
    expect([own.pending, q.qsize()]).toEqual([false, 1]);
  });

  green("can be looped over, until the end", () => {
    const q = new Kind(null, [1, 2]);
    const seen: unknown[] = [];
    const reader = spawn(() => {
      for (const item of q) seen.push(item);
      return "ended";
    });
    idle();
    q.put(3);
    idle();
    q.put(StopIteration);
    expect(reader.get()).toBe("ended");
    expect(seen.sort()).toEqual([1, 2, 3]);
  });

  // 147 TestQueue.test_shutdown_all_methods_in_one_thread
  green("that is shut down gives what it has, and then refuses everything", () => {
    const q = new Kind();
    for (const item of ["L", "O"]) q.put(item);
    q.shutdown();
    expect(thrownBy(() => q.put("E"))).toBeInstanceOf(QueueShutDown);
    expect(thrownBy(() => q.putNoWait("W"))).toBeInstanceOf(QueueShutDown);
    expect([q.get(), q.getNoWait()].sort()).toEqual(["L", "O"]);
    if (q instanceof Queue) {
      q.taskDone();
      q.taskDone();
      expect(q.join()).toBe(true);
    }
    for (const refused of [
      () => q.get(),
      () => q.getNoWait(),
      () => q.get({ timeout: 10 }),
      () => q.peek(),
      () => q.peekNoWait(),
    ])
      expect(thrownBy(refused)).toBeInstanceOf(QueueShutDown);
    expect([...q]).toEqual([]);
  });

  green("that is shut down tells whoever waits", () => {
    const [q, full] = [new Kind(), new Kind(1)];
    full.put("kept");
    const getters = [1, 2].map(() => spawn(() => thrownBy(() => q.get())));
    const putter = spawn(() => thrownBy(() => full.put("refused")));
    sleep(0);
    q.shutdown();
    full.shutdown();
    for (const one of [...getters, putter]) expect(one.get()).toBeInstanceOf(QueueShutDown);
    expect([full.get(), full.qsize()]).toEqual(["kept", 0]);
  });

  green("that is shut down tells a getter for whom nothing is left", () => {
    const q = new Kind();
    const getter = spawn(() => thrownBy(() => q.get()));
    sleep(0);
    q.put("taken by another one");
    q.shutdown();
    expect(q.get()).toBe("taken by another one");
    expect(getter.get()).toBeInstanceOf(QueueShutDown);
  });

  green("that is shut down at once drops what it has", () => {
    const q = new Kind(null, [1, 2]);
    q.shutdown(true);
    expect(thrownBy(() => q.get())).toBeInstanceOf(QueueShutDown);
    if (q instanceof Queue) expect([q.unfinishedTasks, q.join()]).toEqual([0, true]);
  });

  green("serves in the order in which they came", () => {
    const q = new Kind(1);
    const seen: string[] = [];
    const getters = [1, 2, 3].map((i) => spawn(() => seen.push(`${i} gets ${q.get()}`)));
    sleep(0);
    joinAll(["a", "b", "c"].map((item) => spawn(() => q.put(item))));
    joinAll(getters);
    expect(seen).toEqual(["1 gets a", "2 gets b", "3 gets c"]);
  });

  // 127 UsesOnlyOneItemMixin.test_init_and_bottleneck_methods
  green("asks a subclass for every step, once", () => {
    const calls: string[] = [];
    class Noting extends (Kind as new (maxsize?: number) => queue.SimpleQueue<number>) {
      protected override _put(item: number): void {
        calls.push("put");
        super._put(item);
      }
      protected override _get(): number {
        calls.push("get");
        return super._get();
      }
      protected override _peek(): number {
        calls.push("peek");
        return super._peek();
      }
    }
    const q = new Noting(2);
    q.put(1);
    q.peek();
    q.get();
    expect(calls).toEqual(["put", "peek", "get"]);
    const getter = spawn(() => q.get());
    sleep(0);
    q.put(2);
    getter.join();
    expect(calls).toEqual(["put", "peek", "get", "put", "get"]);
  });

  // 1 _DelayWaitMixin.test_outer_timeout_is_not_lost
  green("is interrupted by a timeout around it, and by that one only", () => {
    const q = new Kind();
    const outer = Timeout.startNew(1);
    expect(thrownBy(() => q.get({ timeout: 1000 }))).toBe(outer);
    expect(q.waitingGetters).toBe(0);
  });
});

// 6 AbstractTestWeakRefMixin.test_weak_reference
test.each(kinds)("a %s that nobody has is collected", async (_, Kind) => {
  const ref = new WeakRef(new Kind(1));
  expect(await untilCollected(async () => ref.deref() === undefined)).toBe(true);
});

describe("a subclass", () => {
  // 140 TestSimpleQueue.test_subclass_assign_queue
  green("may choose what holds its items, before there are any", () => {
    class Shared extends SimpleQueue<number> {
      static held: unknown;
      protected override _init() {
        const items = super._init();
        Shared.held = items;
        return items;
      }
      get held(): unknown {
        return this.items;
      }
    }
    const q = new Shared(0, [1, 2]);
    expect([q.held === Shared.held, q.qsize(), q.get()]).toEqual([true, 2, 1]);
  });

  green("whose _put throws has its error in the put, also in one that waited", () => {
    const error = new Error("refused");
    class Picky extends SimpleQueue<number> {
      protected override _put(item: number): void {
        if (item < 0) throw error;
        super._put(item);
      }
    }
    const q = new Picky(1);
    expect(thrownBy(() => q.put(-1))).toBe(error);
    q.put(1);
    const putter = spawn(() => thrownBy(() => q.put(-1)));
    const next = spawn(() => q.put(2));
    sleep(0);
    expect([q.get(), putter.get(), q.get()]).toEqual([1, error, 2]);
    next.join();
  });
});

describe.each(joinable)("the tasks of a %s", (_, Kind) => {
  // 146 TestQueue.test_task_done
  green("are counted, and joined", () => {
    const q = new Kind();
    const joins = new event.AsyncResult<boolean>();
    q.put(1);
    const joiner: Greenlet = spawn(() => joins.set(q.join()));
    sleep(0);
    expect([joins.ready(), q.unfinishedTasks]).toEqual([false, 1]);
    expect(q.get()).toBe(1);
    idle();
    expect(joins.ready()).toBe(false);
    q.taskDone();
    expect([joins.get(), q.unfinishedTasks]).toEqual([true, 0]);
    joiner.join();
    expect(thrownBy(() => q.taskDone())).toMatchObject({ code: "ERR_TASK_DONE" });
  });

  // 149 TestQueue.test_issue_45
  green("are none in a new queue", () => {
    const q = new Kind();
    expect([q.join(), q.join({ timeout: 0 }), q.unfinishedTasks]).toEqual([true, true, 0]);
  });

  green("are waited for no longer than it is told", () => {
    const q = new Kind();
    q.put(1);
    expect([q.join({ timeout: 1 }), q.join({ timeout: 0 })]).toEqual([false, false]);
  });

  green("that were called done too early do not disturb a shutdown", () => {
    const q = new Kind();
    q.put(1);
    q.taskDone();
    q.shutdown(true);
    expect([q.unfinishedTasks, q.qsize(), q.join()]).toEqual([0, 0, true]);
  });
});

describe("orders", () => {
  const drained = (q: AnyQueue) => Array.from({ length: q.qsize() }, () => q.get());

  green("of a LifoQueue: the last first", () => {
    const q = new LifoQueue(null, [1, 2]);
    q.put(3);
    expect([q.peek(), drained(q)]).toEqual([3, [3, 2, 1]]);
  });

  greenEach(
    [
      ["numbers", [3, -1, 2, 3, 0], [-1, 0, 2, 3, 3]],
      ["texts", ["b", "a", "c"], ["a", "b", "c"]],
      ["pairs", [[2, "a"], [1, "b"], [1, "a"], [1]], [[1], [1, "a"], [1, "b"], [2, "a"]]],
      ["dates", [new Date(5), new Date(1)], [new Date(1), new Date(5)]],
    ] as Array<[string, unknown[], unknown[]]>,
    "of a PriorityQueue: the smallest first, of %s",
    (_, items, sorted) => {
      expect(drained(new PriorityQueue(null, items))).toEqual(sorted);
    },
  );

  green("of a PriorityQueue with an order of one's own: equal ones as they came", () => {
    const jobs = [3, 1, 2, 1, 3, 2].map((priority, number) => ({ priority, number }));
    const q = new PriorityQueue(null, jobs, (a, b) => b.priority - a.priority);
    expect(drained(q).map(({ number }) => number)).toEqual([0, 4, 2, 5, 1, 3]);
  });

  green("that throw lose and double nothing", () => {
    let failing = false;
    const q = new PriorityQueue<number>(null, undefined, (a, b) => {
      if (failing) throw new RangeError("cannot compare");
      return a - b;
    });
    for (const item of [5, 3, 4, 1, 2]) q.put(item);
    failing = true;
    expect(() => q.put(0)).toThrow(RangeError);
    expect(() => q.get()).toThrow(RangeError);
    failing = false;
    expect([q.qsize(), drained(q)]).toEqual([5, [1, 2, 3, 4, 5]]);
  });
});

green("a getter whose item is on its way is killed: the item stays", () => {
  const q = new Queue<string>();
  const getter = spawn(() => q.get());
  sleep(0);
  getter.kill(GreenletExit, { block: false });
  q.put("kept");
  getter.join();
  expect(q.getNoWait()).toBe("kept");
});

green("two who hand items to each other let timers have their turn", () => {
  const q = new Queue<number>(1);
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
  expect(putter.get()).toBe(true);
});

green("those who put, and put again at once, do so as long as there is room", () => {
  const q = new Queue<string>(3, ["a", "b", "c"]);
  const putters = ["d", "e"].map((item) =>
    spawn(() => {
      q.put(item);
      q.put(item.toUpperCase());
    }),
  );
  sleep(0);
  expect(Array.from({ length: 3 }, () => q.get())).toEqual(["a", "b", "c"]);
  idle();
  expect([q.qsize(), q.waitingPutters]).toEqual([3, 1]);
  expect(Array.from({ length: 4 }, () => q.get())).toEqual(["d", "e", "D", "E"]);
  joinAll(putters);
});

green("those who wait at a shutdown are told when somebody else takes the last item", () => {
  const q = new Queue<string>();
  const getter = spawn(() => thrownBy(() => q.get()));
  sleep(0);
  q.put("last");
  q.shutdown();
  expect(q.getNoWait()).toBe("last");
  expect(getter.get()).toBeInstanceOf(QueueShutDown);
});
