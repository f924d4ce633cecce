/** Every way to be refused: with a code and a reason, and nothing has changed by it. */
import {
  BoundedSemaphore,
  CappedSemaphore,
  connect,
  Event,
  EventletError,
  GreenPile,
  GreenPool,
  kill,
  LifoQueue,
  LightQueue,
  listen,
  monkeyPatch,
  PriorityQueue,
  Queue,
  run,
  Semaphore,
  StopServe,
  serve,
  sleep,
  socket,
  spawn,
  spawnAfter,
  spawnAfterLocal,
  spawnN,
  Timeout,
  tpool,
  withTimeout,
  wsgi,
} from "@cordage/eventlet";
import { CordageError } from "@cordage/ipc";
import { thrownBy } from "@cordage/test-support";
import { describe, expect, test } from "@jest/globals";
import { forever, green, greenEach } from "./support/green.js";

const anyone = (value: unknown) => value as any;
const doNothing = () => undefined;
const TYPE = "ERR_INVALID_ARG_TYPE";
const RANGE = "ERR_OUT_OF_RANGE";

type Case = [what: string, call: () => unknown, code: string];

const functions: Case[] = [
  ["spawn(1)", () => spawn(anyone(1)), TYPE],
  ["spawnN('fn')", () => spawnN(anyone("fn")), TYPE],
  ["spawnAfter(1)", () => spawnAfter(1, anyone(undefined)), TYPE],
  ["spawnAfter('1', fn)", () => spawnAfter(anyone("1"), doNothing), TYPE],
  ["spawnAfter(-1, fn)", () => spawnAfter(-1, doNothing), RANGE],
  ["spawnAfter(NaN, fn)", () => spawnAfter(Number.NaN, doNothing), RANGE],
  ["spawnAfterLocal(2 ** 31, fn)", () => spawnAfterLocal(2 ** 31, doNothing), RANGE],
  ["kill(1)", () => kill(anyone(1)), TYPE],
  ["sleep(-1)", () => sleep(-1), RANGE],
  ["new Timeout('1')", () => new Timeout(anyone("1")), TYPE],
  ["new Timeout(-1)", () => new Timeout(-1), RANGE],
  ["withTimeout(1, 1)", () => withTimeout(1, anyone(1)), TYPE],
  ["withTimeout('1', fn)", () => withTimeout(anyone("1"), doNothing), TYPE],
  ["serve(1, fn)", () => serve(anyone(1), doNothing), TYPE],
  ["wsgi.server(1, fn)", () => wsgi.server(anyone(1), doNothing), TYPE],
  ["listen(true)", () => listen(anyone(true)), TYPE],
  ["listen(address, 5)", () => listen(["127.0.0.1", 0], anyone(5)), TYPE],
  ["listen, port 65536", () => listen(["127.0.0.1", 65_536]), RANGE],
  ["listen, backlog -1", () => listen(["127.0.0.1", 0], { backlog: -1 }), RANGE],
  ["connect(undefined)", () => connect(anyone(undefined)), TYPE],
  ["connect(address, null)", () => connect(["127.0.0.1", 1], anyone(null)), TYPE],
  ["tpool.execute(1)", () => tpool.execute(anyone(1)), TYPE],
  ["tpool.proxy(1)", () => tpool.proxy(anyone(1)), TYPE],
  ["tpool.proxy(null)", () => tpool.proxy(anyone(null)), TYPE],
  ["tpool.setNumThreads(0)", () => tpool.setNumThreads(0), RANGE],
  ["tpool.setNumThreads('2')", () => tpool.setNumThreads(anyone("2")), TYPE],
  ["monkeyPatch({ all: true })", () => monkeyPatch(anyone({ all: true })), TYPE],
  ["monkeyPatch(null)", () => monkeyPatch(anyone(null)), TYPE],
  ["monkeyPatch(5)", () => monkeyPatch(anyone(5)), TYPE],
  ["link(1)", () => spawn(doNothing).link(anyone(1)), TYPE],
];

const made: Case[] = [
  // 117 test_semaphore_type_check
  ["new Semaphore('foo')", () => new Semaphore(anyone("foo")), TYPE],
  ["new Semaphore(-1)", () => new Semaphore(-1), RANGE],
  ["new BoundedSemaphore(1.5)", () => new BoundedSemaphore(1.5), RANGE],
  ["new CappedSemaphore(-1, 3)", () => new CappedSemaphore(-1, 3), RANGE],
  ["new CappedSemaphore(4, 3)", () => new CappedSemaphore(4, 3), RANGE],
  ["new CappedSemaphore(1)", () => new CappedSemaphore(1, anyone(undefined)), TYPE],
  ["new GreenPool('foo')", () => new GreenPool(anyone("foo")), TYPE],
  ["new GreenPool(-1)", () => new GreenPool(-1), RANGE],
  ["new GreenPile({})", () => new GreenPile(anyone({})), TYPE],
  ["new Queue('1')", () => new Queue(anyone("1")), TYPE],
  ["new LightQueue(0.5)", () => new LightQueue(0.5), RANGE],
  ["new LifoQueue(NaN)", () => new LifoQueue(Number.NaN), RANGE],
  ["new PriorityQueue(0, 1)", () => new PriorityQueue(0, anyone(1)), TYPE],
  ["resize('1') of a queue", () => new Queue().resize(anyone("1")), TYPE],
  ["resize(-1) of a pool", () => new GreenPool().resize(-1), RANGE],
  ["pool.spawn(1)", () => new GreenPool().spawn(anyone(1)), TYPE],
  ["pool.spawnN(1)", () => new GreenPool().spawnN(anyone(1)), TYPE],
  ["pile.spawn(1)", () => new GreenPile().spawn(anyone(1)), TYPE],
  ["imap(1, [])", () => new GreenPool().imap(anyone(1), []), TYPE],
  ["imap(fn)", () => new GreenPool().imap(doNothing), TYPE],
  ["imap(fn, 1)", () => new GreenPool().imap(doNothing, anyone(1)), TYPE],
  ["imap(fn, [], undefined)", () => new GreenPool().imap(anyone(doNothing), [], anyone(undefined)), TYPE],
  ["starmap(fn, [1])", () => new GreenPool().starmap(doNothing, anyone([1])).next(), TYPE],
  ["starmap(fn, 1)", () => new GreenPool().starmap(doNothing, anyone(1)), TYPE],
];

greenEach([...functions, ...made], "%s is refused", (_, call, code) => {
  const error = thrownBy(call);
  expect(error).toBeInstanceOf(code === TYPE ? TypeError : RangeError);
  expect(error).toMatchObject({ code, message: expect.stringMatching(/^cannot .+: .+, received .+/s) });
});

interface Timed {
  name: string;
  call(options: any): unknown;
  state(): unknown;
}

/** Whether they would wait must not matter. */
function timed(): Timed[] {
  const [sent, fresh] = [new Event(), new Event()];
  sent.send();
  const [free, taken] = [new Semaphore(1), new Semaphore(0)];
  const [empty, full] = [new CappedSemaphore(0, 1), new CappedSemaphore(1, 1)];
  const [some, none, channel] = [new Queue(1), new Queue(), new Queue(0)];
  some.put(1);
  const balances = () => [free.balance, taken.balance, empty.balance, full.balance];
  const queues = () => [String(some), String(none), String(channel)];
  return [
    ["Event.wait", (o: any) => fresh.wait(o), () => String(fresh)],
    ["Event.wait, sent", (o: any) => sent.wait(o), () => String(sent)],
    ["Semaphore.acquire", (o: any) => taken.acquire(o), balances],
    ["Semaphore.acquire, free", (o: any) => free.acquire(o), balances],
    ["CappedSemaphore.acquire", (o: any) => empty.acquire(o), balances],
    ["CappedSemaphore.acquire, free", (o: any) => full.acquire(o), balances],
    ["CappedSemaphore.release", (o: any) => full.release(o), balances],
    ["CappedSemaphore.release, free", (o: any) => empty.release(o), balances],
    ["Queue.get", (o: any) => none.get(o), queues],
    ["Queue.get, not empty", (o: any) => some.get(o), queues],
    ["Queue.put", (o: any) => none.put(2, o), queues],
    ["Queue.put, full", (o: any) => some.put(2, o), queues],
    ["Queue.put, channel", (o: any) => channel.put(2, o), queues],
    ["Queue.join", (o: any) => some.join(o), queues],
  ].map(([name, call, state]) => ({ name, call, state }) as Timed);
}

greenEach(
  [
    [5, TYPE],
    [null, TYPE],
    ["5", TYPE],
    [{ timeout: "5" }, TYPE],
    [{ timeout: Number.NaN }, RANGE],
  ],
  "options %p are refused by whatever takes a time, and nothing has changed",
  (options, code) => {
    for (const { name, call, state } of timed()) {
      const before = state();
      expect([name, thrownBy(() => call(options)).code, state()]).toEqual([name, code, before]);
    }
  },
);

describe("outside of any greenthread", () => {
  const full = new GreenPool(0);
  const one = spawn(forever);
  const calls: Array<[string, () => unknown]> = [
    ["sleep", () => sleep(1)],
    ["GreenThread.wait", () => one.wait()],
    ["Event.wait", () => new Event().wait()],
    ["Semaphore.acquire", () => new Semaphore(0).acquire()],
    ["CappedSemaphore.acquire", () => new CappedSemaphore(0, 1).acquire()],
    ["CappedSemaphore.release", () => new CappedSemaphore(1, 1).release()],
    ["Queue.get", () => new Queue().get()],
    ["Queue.put", () => new Queue(0).put(1)],
    ["GreenPool.spawn", () => full.spawn(doNothing)],
    ["GreenPool.spawnN", () => full.spawnN(doNothing)],
    ["new Timeout", () => new Timeout(1)],
    ["withTimeout", () => withTimeout(1, doNothing)],
    ["imap", () => new GreenPool(1).imap(doNothing, [1]).next()],
    ["tpool.execute", () => tpool.execute(new URL("file:///none.mjs#none"))],
  ];

  test.each(calls)("%s is refused, with what to do instead", (_, call) => {
    const error = thrownBy(call);
    expect(error).toMatchObject({ name: "NotInGreenletError", code: "ERR_NOT_IN_GREENLET" });
    expect(error.message).toMatch(/^cannot .* here: only a greenlet can wait; call it within run\(\) or spawn\(\)$/);
    expect([one.dead, full.waiting(), full.running()]).toEqual([false, 0, 0]);
  });

  test("servers are refused, and their listener is not touched", () => {
    const listener = listen(["127.0.0.1", 0]);
    for (const call of [() => serve(listener, doNothing), () => wsgi.server(listener, doNothing)])
      expect([thrownBy(call).code, listener.closed]).toEqual(["ERR_NOT_IN_GREENLET", false]);
    listener.close();
  });

  test("what would not wait is allowed", async () => {
    const [q, pool] = [new Queue<number>(1), new GreenPool(1)];
    q.put(1);
    const made = pool.spawn(() => 5);
    expect([q.get(), new Semaphore(1).acquire(), new CappedSemaphore(1, 2).release()]).toEqual([1, true, true]);
    expect(await run(() => made.wait())).toBe(5);
  });
});

green("what is used against its rules says so, with a code", () => {
  const listenerOfOthers = { accept: doNothing };
  expect(thrownBy(() => serve(anyone(listenerOfOthers), doNothing)).code).toBe(TYPE);
  const [one, other] = socket.socketpair();
  expect(thrownBy(() => serve(one, anyone("fn"))).code).toBe(TYPE);
  expect(thrownBy(() => wsgi.server(one, anyone("fn"))).code).toBe(TYPE);
  for (const options of [null, 5]) expect(thrownBy(() => serve(one, doNothing, anyone(options))).code).toBe(TYPE);
  expect(thrownBy(() => serve(one, doNothing, { concurrency: 0 })).code).toBe(RANGE);
  expect(thrownBy(() => wsgi.server(one, doNothing, { maxSize: 0 })).code).toBe(RANGE);
  expect(thrownBy(() => serve(one, doNothing))).toMatchObject({ code: "EINVAL", syscall: expect.any(String) });
  one.close();
  other.close();
});

test("errors have one base, names and codes", () => {
  for (const [error, code] of [
    [new StopServe(), "ERR_STOP_SERVE"],
    [new EventletError("ERR_NOT_SENT", "x"), "ERR_NOT_SENT"],
  ] as const) {
    expect(error).toBeInstanceOf(CordageError);
    expect(error).toMatchObject({ code, name: error.constructor.name });
  }
});
