/** What every queue promises, over each class, and between processes as well as threads. */
import { fstatSync } from "node:fs";
import { JoinableQueue, Lock, Queue, type QueueOptions, QueueShutDown, SimpleQueue, TimeoutError } from "@cordage/ipc";
import { describe, expect, test } from "@jest/globals";
import { run } from "../support/fixture.js";
import { Peer, peerKinds } from "../support/peer.js";

type Any = Queue<any> | SimpleQueue<any>;
const makers: Array<[string, (options?: QueueOptions) => Any]> = [
  ["Queue", (options) => new Queue(0, options)],
  ["JoinableQueue", (options) => new JoinableQueue(0, options)],
  ["SimpleQueue", (options) => new SimpleQueue(options)],
];
const code = (name: string) => expect.objectContaining({ code: name });
const tiny = { ringBytes: 64 };

describe.each(makers)("%s", (_name, make) => {
  test.each([64, 256, 262_144])("keeps the order of items of any size, ring of %p bytes", (ringBytes) => {
    const queue = make({ ringBytes });
    let next = 0;
    for (let i = 0; i < 600; i++) {
      queue.putSync([i, "y".repeat((i * 7) % 90)]);
      if (i % 3 === 0) expect(queue.getSync()[0]).toBe(next++);
    }
    while (next < 600) expect(queue.getSync()[0]).toBe(next++);
    expect(queue.empty()).toBe(true);
  });

  test("an item larger than the ring arrives whole", () => {
    const queue = make();
    const large = Buffer.alloc(3_000_000, "cordage");
    queue.putSync(large);
    queue.putSync("behind it");
    expect(large.equals(queue.getSync())).toBe(true);
    expect(queue.getSync()).toBe("behind it");
  });

  test("a value that cannot travel is refused at put, with the path to it, and takes no space", () => {
    const queue = make();
    const refused = expect.objectContaining({ code: "ERR_NOT_SERIALIZABLE", path: "$.rows[1].onClick" });
    expect(() => queue.putSync({ rows: [{}, { onClick: () => {} }] })).toThrow(refused);
    queue.putSync("good");
    expect(queue.getSync()).toBe("good");
    expect(queue.empty()).toBe(true);
  });

  // 39 _TestQueue.test_timeout
  test("a get that times out throws QueueEmpty, which is a TimeoutError", async () => {
    const queue = make();
    const before = performance.now();
    await expect(queue.get({ timeout: 30 })).rejects.toBeInstanceOf(TimeoutError);
    expect(() => queue.getSync({ timeout: 30 })).toThrow(code("ERR_QUEUE_EMPTY"));
    expect(performance.now() - before).toBeGreaterThanOrEqual(55);
    expect(queue.tryGet()).toBeUndefined();
  });

  test("a get cancelled by its signal takes no item", async () => {
    const queue = make();
    const abort = new AbortController();
    const get = queue.get({ signal: abort.signal });
    abort.abort(new Error("enough"));
    queue.putSync(1);
    await expect(get).rejects.toThrow("enough");
    expect(queue.getSync()).toBe(1);
    await expect(queue.get({ signal: AbortSignal.abort() })).rejects.toMatchObject({ name: "AbortError" });
  });

  test("close ends the waits and the iterations of this wrapper only", async () => {
    const queue = make();
    queue.putSync(1);
    const seen: unknown[] = [];
    const iteration = (async () => {
      for await (const item of queue) seen.push(item);
    })();
    const kept = queue.get();
    setImmediate(() => queue.close());
    await expect(kept).rejects.toMatchObject({ code: "ERR_QUEUE_CLOSED" });
    await iteration;
    expect(seen).toEqual([1]);
    expect(() => queue.putSync(2)).toThrow("is closed");
    await expect(queue.put(2)).rejects.toMatchObject({ code: "ERR_QUEUE_CLOSED" });
  });

  test("a backlog far beyond the ring blocks nobody, and its memory is given back but for the ring's", () => {
    const queue = make();
    const { fd } = (queue as any).memory.segment;
    const bytes = () => fstatSync(fd).blocks * 512;
    const item = Buffer.alloc(1_000_000);
    for (let i = 0; i < 200; i++) {
      item.writeUInt32LE(i);
      queue.putSync(item);
    }
    expect(bytes()).toBeGreaterThan(190_000_000);
    for (let i = 0; i < 200; i++) expect(queue.getSync().readUInt32LE()).toBe(i);
    expect(bytes()).toBeLessThan(5_000_000);
  });

  describe.each(peerKinds)("with a %s", (kind) => {
    test("one producer, one consumer: everything arrives in order", async () => {
      const queue = make({ ringBytes: 1024 });
      const peer = await Peer.start(kind, queue);
      const put = peer.run(([queue]) => {
        for (let i = 0; i < 5_000; i++) queue.putSync([i, "z".repeat(i % 50)]);
      });
      for (let i = 0; i < 5_000; i++) expect((await queue.get())[0]).toBe(i);
      await put;
    });

    test("many producers, many consumers: nothing is lost or doubled, each producer's items keep their order", async () => {
      const [queue, results] = [make({ ringBytes: 512 }), make()];
      const peers = await Promise.all([0, 1, 2, 3].map(() => Peer.start(kind, queue, results)));
      const work = peers.map((peer, i) =>
        i < 2
          ? peer.run(([queue], from) => {
              for (let n = 0; n < 2000; n++) queue.putSync([from, n]);
            }, i)
          : peer.run(async ([queue, results]) => {
              const mine = [];
              for (let n = 0; n < 2000; n++) mine.push(n % 2 ? queue.getSync() : await queue.get());
              results.putSync(mine);
            }),
      );
      await Promise.all(work);
      const taken: number[][][] = [results.getSync(), results.getSync()];
      for (const mine of taken)
        for (const from of [0, 1]) {
          const numbers = mine.filter(([f]) => f === from).map(([, n]) => n!);
          expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
        }
      const all = taken.flat().map(([f, n]) => f! * 2000 + n!);
      expect(all.sort((a, b) => a - b)).toEqual(Array.from({ length: 4000 }, (_, i) => i));
    });

    test("a blocked get is woken by a put elsewhere, and shared objects travel", async () => {
      const [there, back] = [make(), make()];
      const peer = await Peer.start(kind, there, back);
      const echo = peer.run(([there, back]) => {
        const lock = there.getSync();
        lock.acquireSync();
        back.putSync("taken");
      });
      const lock = new Lock();
      await there.put(lock);
      expect(await back.get()).toBe("taken");
      await echo;
      expect(lock.locked()).toBe(true);
    });

    test("empty() is the same for everybody", async () => {
      // 229 TestSimpleQueue.test_empty
      const [queue, views] = [make(), make()];
      const peer = await Peer.start(kind, queue, views);
      expect(queue.empty()).toBe(true);
      const look = ([queue, views]: Any[]) => {
        views!.putSync(queue!.empty());
        queue!.putSync(true);
        views!.putSync(queue!.empty());
      };
      await peer.run(look);
      expect([views.getSync(), views.getSync()]).toEqual([true, false]);
      expect(queue.empty()).toBe(false);
    });
  });
});

test.each([Queue, JoinableQueue])("a bounded %p waits for space and says when it is full", async (Class) => {
  const queue = new Class<number>(2, tiny);
  queue.putSync(1);
  expect(queue.full()).toBe(false);
  queue.putSync(2);
  expect(queue.full()).toBe(true);
  expect(queue.tryPut(3)).toBe(false);
  expect(() => queue.putNoWait(3)).toThrow(code("ERR_QUEUE_FULL"));
  expect(() => queue.putSync(3, { timeout: 10 })).toThrow(code("ERR_QUEUE_FULL"));
  await expect(queue.put(3, { timeout: 10 })).rejects.toBeInstanceOf(TimeoutError);
  const put = queue.put(3);
  expect(queue.getSync()).toBe(1);
  await put;
  expect([queue.getSync(), queue.getSync(), queue.qsize()]).toEqual([2, 3, 0]);
});

describe.each(peerKinds)("shutdown, with a %s", (kind) => {
  test("wakes everybody: what is left can be got, then get and put throw", async () => {
    const queue = new Queue<number>(1);
    const peer = await Peer.start(kind, queue);
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
    await expect(queue.get()).rejects.toBeInstanceOf(QueueShutDown);
    expect(() => queue.tryGet()).toThrow(code("ERR_QUEUE_SHUT_DOWN"));
    for await (const item of queue) expect(item).toBe("none");
  });

  test("at once drops what is left and counts it as done", async () => {
    const queue = new JoinableQueue<number>(0, tiny);
    const peer = await Peer.start(kind, queue);
    for (let i = 0; i < 50; i++) queue.putSync(i);
    queue.getSync();
    queue.taskDone();
    const joined = peer.run(([queue]) => queue.joinSync({ timeout: 10_000 }));
    queue.shutdown(true);
    await joined;
    expect(queue.qsize()).toBe(0);
    expect(() => queue.getSync()).toThrow(code("ERR_QUEUE_SHUT_DOWN"));
  });

  // 37 _TestQueue.test_task_done
  test("join returns once every task is done", async () => {
    const queue = new JoinableQueue<number | null>();
    const peers = await Promise.all([1, 2, 3, 4].map(() => Peer.start(kind, queue)));
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
});

test("an undefined item is told from no item by getNoWait", () => {
  const queue = new Queue<undefined>();
  queue.putSync(undefined);
  expect(queue.getNoWait()).toBeUndefined();
  expect(() => queue.getNoWait()).toThrow(code("ERR_QUEUE_EMPTY"));
});

test("joinThread before close is an error", async () => {
  const queue = new Queue();
  await expect(queue.joinThread()).rejects.toMatchObject({ code: "ERR_QUEUE_NOT_CLOSED" });
  queue.cancelJoinThread();
});

test.each([
  ["maxsize", 1.5],
  ["maxsize", "2"],
])("a wrong %s is refused: %p", (_what, value) => {
  expect(() => new Queue(value as number)).toThrow(/maxsize/);
});

test("what a killed producer left half-written harms nobody", () => {
  const queue = new Queue(0, tiny);
  const words: Int32Array = (queue as any).memory.words;
  for (let i = 0; i < 20; i++) {
    // The lane behind PUT and the lane behind GOT, as a process that died in front of its commit leaves them.
    words.fill(-1, 48 + ((i + 1) % 4) * 4, 48 + ((i + 1) % 4) * 4 + 4);
    queue.putSync(i);
    words.fill(-1, 80 + ((i + 1) % 4) * 4, 80 + ((i + 1) % 4) * 4 + 3);
    expect(queue.getSync()).toBe(i);
  }
});

// Busy for longer than any slice of sleep, so that all of them are over before those who were woken have their turn.
test.each(["0", "300"])(
  "puts and gets of one process that wait for each other end in the order of the calls, and without anything else that keeps it (busy for %s ms)",
  async (busy) => {
    const { code, stdout } = await run("queue-with-itself.mjs", [busy]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: "1,2,3\n5\ncancelled 6\n" });
  },
);
