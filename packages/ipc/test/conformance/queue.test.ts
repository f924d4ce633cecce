/** What is ipc's own about its queues: programs of their own, errors' classes, closing, and the memory behind them. */
import { fstatSync } from "node:fs";
import { constants } from "node:os";
import { JoinableQueue, Queue, QueueShutDown, SimpleQueue, TimeoutError } from "@cordage/ipc";
import { encode, native } from "@cordage/ipc/sys";
import { describe, expect, test } from "@jest/globals";
import { run } from "../support/fixture.js";

const passed = (queue: object) => Buffer.from(encode(queue)).toString("hex");

// 35 _TestQueue.test_fork
test("what a program puts comes behind what its parent has put, and is there once the program has ended", async () => {
  const queue = new Queue<number>();
  for (let i = 0; i < 10; i++) await queue.put(i);
  await run("put-range.mjs", [passed(queue), "10", "20"]);
  for (let i = 0; i < 20; i++) expect(queue.getSync({ timeout: 5000 })).toBe(i);
  expect(() => queue.getNoWait()).toThrow(expect.objectContaining({ name: "QueueEmpty" }));
});

describe.each<new () => Queue | SimpleQueue>([Queue, JoinableQueue, SimpleQueue])("%p", (Class) => {
  test("a get that times out throws a TimeoutError", async () => {
    const queue = new Class();
    await expect(queue.get({ timeout: 10 })).rejects.toBeInstanceOf(TimeoutError);
    expect(() => queue.getSync({ timeout: 10 })).toThrow(TimeoutError);
  });

  test("tells the path to a value that cannot travel", () => {
    const refused = expect.objectContaining({ code: "ERR_NOT_SERIALIZABLE", path: "$.rows[1].onClick" });
    expect(() => new Class().putSync({ rows: [{}, { onClick: () => {} }] })).toThrow(refused);
  });

  test("close ends the waits and the iterations of this wrapper only", async () => {
    const queue = new Class();
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
    const queue = new Class();
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
});

describe.each([Queue, JoinableQueue])("%p", (Class) => {
  test("a put that finds no space throws a TimeoutError", async () => {
    const queue = new Class<number>(1);
    queue.putSync(1);
    await expect(queue.put(2, { timeout: 10 })).rejects.toBeInstanceOf(TimeoutError);
  });

  test("a get after the shutdown throws QueueShutDown", async () => {
    const queue = new Class();
    queue.shutdown();
    await expect(queue.get()).rejects.toBeInstanceOf(QueueShutDown);
  });
});

// 42 _TestQueue.test_closed_queue_empty_exceptions
test.each([Queue, JoinableQueue])("empty() of a closed %p throws only if it was used", async (Class) => {
  const unused = new Class();
  unused.close();
  expect(unused.empty()).toBe(true);
  const used = new Class();
  used.putSync("foo");
  used.close();
  await used.joinThread();
  expect(() => used.empty()).toThrow("is closed");
});

// 43 _TestQueue.test_closed_queue_put_get_exceptions
test.each([Queue, JoinableQueue])("a closed %p refuses every form of put and get", async (Class) => {
  const queue = new Class<string>();
  queue.close();
  for (const attempt of [queue.put("foo"), queue.get()]) await expect(attempt).rejects.toThrow("is closed");
  for (const put of ["putSync", "tryPut", "putNoWait"] as const) expect(() => queue[put]("foo")).toThrow("is closed");
  for (const get of ["getSync", "tryGet", "getNoWait"] as const) expect(() => queue[get]()).toThrow("is closed");
});

// 228 TestSimpleQueue.test_empty_exceptions
test("empty() of a closed SimpleQueue throws whether it was used or not", () => {
  const queue = new SimpleQueue();
  queue.close();
  expect(() => queue.empty()).toThrow(expect.objectContaining({ code: "ERR_QUEUE_CLOSED" }));
});

// 230 TestSimpleQueue.test_close
test("closing a SimpleQueue twice is fine", () => {
  const queue = new SimpleQueue();
  queue.close();
  queue.close();
  expect(() => queue.getSync()).toThrow("is closed");
});

test("joinThread before close is an error", async () => {
  const queue = new Queue();
  await expect(queue.joinThread()).rejects.toMatchObject({ code: "ERR_QUEUE_NOT_CLOSED" });
  queue.cancelJoinThread();
});

test("a put that finds no memory for the ring changes nothing", () => {
  const queue = new Queue<string>();
  const item = "x".repeat(60_000); // the second one needs more than the ring has from the start
  queue.putSync(item);
  const { allocate } = native;
  native.allocate = () => -constants.errno.ENOSPC;
  try {
    expect(() => queue.putSync(item)).toThrow(expect.objectContaining({ code: "ENOSPC", syscall: "fallocate" }));
  } finally {
    native.allocate = allocate;
  }
  expect(queue.qsize()).toBe(1);
  queue.putSync(item);
  expect([queue.getSync(), queue.getSync(), queue.empty()]).toEqual([item, item, true]);
});

test("what a killed producer left half-written harms nobody", () => {
  const queue = new Queue(0, { ringBytes: 64 });
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
