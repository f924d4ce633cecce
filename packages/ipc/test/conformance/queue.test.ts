import { constants } from "node:os";
import { JoinableQueue, Queue, SimpleQueue } from "@cordage/ipc";
import { encode, native } from "@cordage/ipc/sys";
import { expect, test } from "@jest/globals";
import { run } from "../support/fixture.js";
import { Peer } from "../support/peer.js";

const passed = (queue: object) => Buffer.from(encode(queue)).toString("hex");

// 33 _TestQueue.test_put
test("every calling form of put fills a bounded queue, and puts no more until a child has taken", async () => {
  const queue = new Queue<number>(6);
  const peer = await Peer.start("process", queue);
  queue.putSync(1);
  queue.putSync(2, { timeout: 1000 });
  await queue.put(3);
  await queue.put(4, { timeout: 1000 });
  expect(queue.tryPut(5)).toBe(true);
  expect(queue.full()).toBe(false);
  queue.putNoWait(6);
  expect([queue.empty(), queue.full(), queue.qsize()]).toEqual([false, true, 6]);
  const full = expect.objectContaining({ code: "ERR_QUEUE_FULL" });
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
test("every calling form of get returns what a child has put, in order; then the queue is empty", async () => {
  const queue = new Queue<number>();
  expect((await run("put-range.mjs", [passed(queue), "1", "6"])).code).toBe(0);
  expect(await queue.get()).toBe(1);
  expect(await queue.get({ timeout: 1000 })).toBe(2);
  expect(queue.getSync({ timeout: 5000 })).toBe(3);
  expect(queue.tryGet()).toBe(4);
  expect(queue.getNoWait()).toBe(5);
  expect(queue.empty()).toBe(true);
  expect(() => queue.getNoWait()).toThrow(expect.objectContaining({ code: "ERR_QUEUE_EMPTY" }));
  await expect(queue.get({ timeout: 10 })).rejects.toMatchObject({ code: "ERR_QUEUE_EMPTY" });
});

// 35 _TestQueue.test_fork
test("what a child puts comes behind what the parent has put, and is there once the child has ended", async () => {
  const queue = new Queue<number>();
  for (let i = 0; i < 10; i++) await queue.put(i);
  await run("put-range.mjs", [passed(queue), "10", "20"]);
  for (let i = 0; i < 20; i++) expect(queue.getSync({ timeout: 5000 })).toBe(i);
  expect(() => queue.getNoWait()).toThrow(expect.objectContaining({ name: "QueueEmpty" }));
});

// 36 _TestQueue.test_qsize
test("qsize counts what is there", () => {
  const queue = new Queue<number>();
  const sizes = [queue.qsize()];
  for (const step of [() => queue.putSync(1), () => queue.putSync(5), () => queue.getSync(), () => queue.getSync()]) {
    step();
    sizes.push(queue.qsize());
  }
  expect(sizes).toEqual([0, 1, 2, 1, 0]);
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
