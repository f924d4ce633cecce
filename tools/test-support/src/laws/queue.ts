/** What every queue obeys. */
import { describe, expect, test } from "@jest/globals";
import { code, made } from "./expectations.js";
import type { SimpleQueueLike } from "./objects.js";
import { type Made, scaled, type World } from "./world.js";

type Name = "Queue" | "JoinableQueue";
type Make = () => Made<SimpleQueueLike>;

export function queueLaws(world: World): void {
  describe.each(makersOf(world))("%s", (_name, make) => {
    lawsOfItems(world, make);
    lawsOfEmptiness(make);
    describe.each(world.kinds)("with a %s", (kind) => {
      lawsOfStreams(world, make, kind);
      lawsOfMeetings(world, make, kind);
    });
  });
  describe.each<Name>(["Queue", "JoinableQueue"])("%s", (name) => {
    lawsOfSize(world, name);
    describe.each(world.kinds)("and a %s", (kind) => {
      lawsOfForms(world, name, kind);
    });
  });
  describe.each(world.kinds)("shutdown, with a %s", (kind) => {
    lawsOfShutdown(world, kind);
    lawOfJoin(world, kind);
  });
}

function makersOf(world: World): Array<[string, Make]> {
  const makers: Array<[string, Make]> = [
    ["Queue", () => world.Queue()],
    ["JoinableQueue", () => world.JoinableQueue()],
  ];
  if (world.SimpleQueue) makers.push(["SimpleQueue", () => world.SimpleQueue!()]);
  return makers;
}

function lawsOfItems(world: World, make: Make): void {
  test("keeps the order of items of any size", async () => {
    const queue = await make();
    const count = scaled(world, 600);
    let next = 0;
    for (let i = 0; i < count; i++) {
      queue.putSync([i, "y".repeat((i * 7) % 90)]);
      if (i % 3 === 0) expect(queue.getSync()[0]).toBe(next++);
    }
    while (next < count) expect(queue.getSync()[0]).toBe(next++);
    expect(queue.empty()).toBe(true);
  });

  test("a large item arrives whole", async () => {
    const queue = await make();
    const large = Buffer.alloc(3_000_000, "cordage");
    queue.putSync(large);
    queue.putSync("behind it");
    expect(large.equals(queue.getSync())).toBe(true);
    expect(queue.getSync()).toBe("behind it");
  });

  test("a value that cannot travel is refused at put, and takes no space", async () => {
    const queue = await make();
    expect(() => queue.putSync({ rows: [{}, { onClick: () => {} }] })).toThrow(code("ERR_NOT_SERIALIZABLE"));
    queue.putSync("good");
    expect(queue.getSync()).toBe("good");
    expect(queue.empty()).toBe(true);
  });
}

function lawsOfEmptiness(make: Make): void {
  // 39 _TestQueue.test_timeout
  test("a get that times out says that the queue is empty, not before its time", async () => {
    const queue = await make();
    const before = performance.now();
    await expect(queue.get({ timeout: 30 })).rejects.toThrow(code("ERR_QUEUE_EMPTY"));
    expect(() => queue.getSync({ timeout: 30 })).toThrow(code("ERR_QUEUE_EMPTY"));
    expect(performance.now() - before).toBeGreaterThanOrEqual(55);
    expect(queue.tryGet()).toBeUndefined();
  });

  test("a get cancelled by its signal takes no item", async () => {
    const queue = await make();
    const abort = new AbortController();
    const get = queue.get({ signal: abort.signal });
    abort.abort(new Error("enough"));
    queue.putSync(1);
    await expect(get).rejects.toThrow("enough");
    expect(queue.getSync()).toBe(1);
    await expect(queue.get({ signal: AbortSignal.abort() })).rejects.toMatchObject({ name: "AbortError" });
  });
}

function lawsOfStreams(world: World, make: Make, kind: string): void {
  test("one producer, one consumer: everything arrives in order", async () => {
    const count = scaled(world, 5000);
    const queue = await make();
    const peer = await world.start(kind, queue);
    const put = peer.run(([queue], count) => {
      for (let i = 0; i < count; i++) queue.putSync([i, "z".repeat(i % 50)]);
    }, count);
    for (let i = 0; i < count; i++) expect((await queue.get())[0]).toBe(i);
    await put;
  });

  test("many producers, many consumers: nothing is lost or doubled, each producer's items keep their order", async () => {
    const count = scaled(world, 2000);
    const [queue, results] = [await make(), await make()];
    const peers = await Promise.all([0, 1, 2, 3].map(() => world.start(kind, queue, results)));
    const produce = ([queue]: SimpleQueueLike[], from: number, count: number) => {
      for (let n = 0; n < count; n++) queue!.putSync([from, n]);
    };
    const consume = async ([queue, results]: SimpleQueueLike[], count: number) => {
      const mine = [];
      for (let n = 0; n < count; n++) mine.push(n % 2 ? queue!.getSync() : await queue!.get());
      results!.putSync(mine);
    };
    await Promise.all(peers.map((peer, i) => (i < 2 ? peer.run(produce, i, count) : peer.run(consume, count))));
    const taken: number[][][] = [results.getSync(), results.getSync()];
    for (const mine of taken)
      for (const from of [0, 1]) {
        const numbers = mine.filter(([f]) => f === from).map(([, n]) => n!);
        expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
      }
    const all = taken.flat().map(([f, n]) => f! * count + n!);
    expect(all.sort((a, b) => a - b)).toEqual(Array.from({ length: 2 * count }, (_, i) => i));
  });
}

function lawsOfMeetings(world: World, make: Make, kind: string): void {
  test("a blocked get is woken by a put elsewhere, and shared objects travel", async () => {
    const [there, back] = [await make(), await make()];
    const peer = await world.start(kind, there, back);
    const echo = peer.run(([there, back]) => {
      const lock = there.getSync();
      lock.acquireSync();
      back.putSync("taken");
    });
    const lock = await world.Lock();
    await there.put(lock);
    expect(await back.get()).toBe("taken");
    await echo;
    expect(lock.locked()).toBe(true);
  });

  // 229 TestSimpleQueue.test_empty
  test("empty() is the same for everybody", async () => {
    const [queue, views] = [await make(), await make()];
    const peer = await world.start(kind, queue, views);
    expect(queue.empty()).toBe(true);
    await peer.run(([queue, views]) => {
      views.putSync(queue.empty());
      queue.putSync(true);
      views.putSync(queue.empty());
    });
    expect([views.getSync(), views.getSync()]).toEqual([true, false]);
    expect(queue.empty()).toBe(false);
  });
}

function lawsOfSize(world: World, name: Name): void {
  // 36 _TestQueue.test_qsize
  test("qsize counts what is there", async () => {
    const queue = await world[name]();
    const sizes = [queue.qsize()];
    for (const step of [() => queue.putSync(1), () => queue.putSync(5), () => queue.getSync(), () => queue.getSync()]) {
      step();
      sizes.push(queue.qsize());
    }
    expect(sizes).toEqual([0, 1, 2, 1, 0]);
  });

  test("a bounded one waits for space and says when it is full", async () => {
    const queue = await world[name](2);
    queue.putSync(1);
    expect(queue.full()).toBe(false);
    queue.putSync(2);
    expect(queue.full()).toBe(true);
    expect(queue.tryPut(3)).toBe(false);
    expect(() => queue.putNoWait(3)).toThrow(code("ERR_QUEUE_FULL"));
    expect(() => queue.putSync(3, { timeout: 10 })).toThrow(code("ERR_QUEUE_FULL"));
    await expect(queue.put(3, { timeout: 10 })).rejects.toThrow(code("ERR_QUEUE_FULL"));
    const put = queue.put(3);
    expect(queue.getSync()).toBe(1);
    await put;
    expect([queue.getSync(), queue.getSync(), queue.qsize()]).toEqual([2, 3, 0]);
  });

  test("an undefined item is told from no item by getNoWait", async () => {
    const queue = await world[name]();
    queue.putSync(undefined);
    expect(queue.getNoWait()).toBeUndefined();
    expect(() => queue.getNoWait()).toThrow(code("ERR_QUEUE_EMPTY"));
  });

  test.each([1.5, "2"])("a wrong maxsize is refused: %p", async (maxsize) => {
    await expect(made(() => world[name](maxsize as number))).rejects.toThrow(/maxsize/);
  });
}

function lawsOfForms(world: World, name: Name, kind: string): void {
  // 33 _TestQueue.test_put
  test("every calling form of put fills a bounded queue, and puts no more until the other has taken", async () => {
    const queue = await world[name](6);
    const peer = await world.start(kind, queue);
    queue.putSync(1);
    queue.putSync(2, { timeout: 1000 });
    await queue.put(3);
    await queue.put(4, { timeout: 1000 });
    expect(queue.tryPut(5)).toBe(true);
    expect(queue.full()).toBe(false);
    queue.putNoWait(6);
    expect([queue.empty(), queue.full(), queue.qsize()]).toEqual([false, true, 6]);
    const full = code("ERR_QUEUE_FULL");
    expect(() => queue.putNoWait(7)).toThrow(full);
    for (const timeout of [0, 10]) {
      expect(() => queue.putSync(7, { timeout })).toThrow(full);
      await expect(queue.put(7, { timeout })).rejects.toThrow(full);
    }
    const taken = await peer.run(([queue]) => Array.from({ length: 6 }, () => queue.getSync({ timeout: 5000 })));
    expect(taken).toEqual([1, 2, 3, 4, 5, 6]);
    expect([queue.empty(), queue.full()]).toEqual([true, false]);
  });

  // 34 _TestQueue.test_get
  test("every calling form of get returns what the other has put, in order; then the queue is empty", async () => {
    const queue = await world[name]();
    const peer = await world.start(kind, queue);
    await peer.run(([queue]) => {
      for (let i = 1; i <= 5; i++) queue.putSync(i);
    });
    expect(await queue.get()).toBe(1);
    expect(await queue.get({ timeout: 1000 })).toBe(2);
    expect(queue.getSync({ timeout: 5000 })).toBe(3);
    expect(queue.tryGet()).toBe(4);
    expect(queue.getNoWait()).toBe(5);
    expect(queue.empty()).toBe(true);
    expect(() => queue.getNoWait()).toThrow(code("ERR_QUEUE_EMPTY"));
    await expect(queue.get({ timeout: 10 })).rejects.toThrow(code("ERR_QUEUE_EMPTY"));
  });

  // 35 _TestQueue.test_fork
  test("what the other puts comes behind what was put here, and stays when it is gone", async () => {
    const queue = await world[name]();
    const peer = await world.start(kind, queue);
    for (let i = 0; i < 10; i++) await queue.put(i);
    await peer.run(([queue]) => {
      for (let i = 10; i < 20; i++) queue.putSync(i);
    });
    await peer.kill();
    for (let i = 0; i < 20; i++) expect(queue.getSync({ timeout: 5000 })).toBe(i);
    expect(() => queue.getNoWait()).toThrow(expect.objectContaining({ name: "QueueEmpty" }));
  });
}

function lawsOfShutdown(world: World, kind: string): void {
  test("wakes everybody: what is left can be got, then get and put throw", async () => {
    const queue = await world.Queue(1);
    const peer = await world.start(kind, queue);
    queue.putSync(1);
    const put = peer.run(([queue]) => {
      try {
        queue.putSync(2);
      } catch (error: any) {
        return error.code;
      }
    });
    setImmediate(() => queue.shutdown());
    expect(await put).toBe("ERR_QUEUE_SHUT_DOWN");
    expect(await queue.get()).toBe(1);
    await expect(queue.get()).rejects.toThrow(code("ERR_QUEUE_SHUT_DOWN"));
    expect(() => queue.tryGet()).toThrow(code("ERR_QUEUE_SHUT_DOWN"));
    for await (const item of queue) expect(item).toBe("none");
  });

  test("at once drops what is left and counts it as done", async () => {
    const queue = await world.JoinableQueue();
    const peer = await world.start(kind, queue);
    for (let i = 0; i < 50; i++) queue.putSync(i);
    queue.getSync();
    queue.taskDone();
    const joined = peer.run(([queue]) => queue.joinSync({ timeout: 10_000 }));
    queue.shutdown(true);
    await joined;
    expect(queue.qsize()).toBe(0);
    expect(() => queue.getSync()).toThrow(code("ERR_QUEUE_SHUT_DOWN"));
  });
}

function lawOfJoin(world: World, kind: string): void {
  // 37 _TestQueue.test_task_done
  test("join returns once every task is done", async () => {
    const queue = await world.JoinableQueue();
    const peers = await Promise.all([1, 2, 3, 4].map(() => world.start(kind, queue)));
    const work = peers.map((peer) =>
      peer.run(([queue]) => {
        let done = 0;
        while (queue.getSync() !== null) {
          done++;
          queue.taskDone();
        }
        return done;
      }),
    );
    for (let i = 0; i < 10; i++) queue.putSync(i);
    await queue.join();
    expect(queue.qsize()).toBe(0);
    for (const _ of peers) queue.putSync(null);
    expect((await Promise.all(work)).reduce((a, b) => a + b)).toBe(10);
  });
}
