/** Every way to be refused: with a code and a reason, and nothing has changed by it. And errors that nobody waits for. */
import { inspect } from "node:util";
import {
  event,
  GeventError,
  Greenlet,
  idle,
  iwait,
  joinAll,
  kill,
  killAll,
  LoopExit,
  local,
  lock,
  NotInGreenletError,
  pool,
  queue,
  run,
  server,
  setErrorHandler,
  setLongestHold,
  sleep,
  socket,
  spawn,
  spawnLater,
  spawnRaw,
  Timeout,
  urlopen,
  wait,
  withTimeout,
  wsgi,
} from "@cordage/gevent";
import { CordageError } from "@cordage/ipc";
import { failureOf, thrownBy } from "@cordage/test-support";
import { describe, expect, test } from "@jest/globals";
import { green, greenEach, takeReports } from "./support/green.js";
import { timed } from "./support/timed.js";

const anyone = (value: unknown) => value as any;
const doNothing = () => undefined;
const TYPE = "ERR_INVALID_ARG_TYPE";
const RANGE = "ERR_OUT_OF_RANGE";

type Case = [what: string, call: () => unknown, code: string];

const functions: Case[] = [
  ["spawn(1)", () => spawn(anyone(1)), TYPE],
  ["spawnRaw(1)", () => spawnRaw(anyone(1)), TYPE],
  ["spawnLater(1, 1)", () => spawnLater(1, anyone(1)), TYPE],
  ["spawnLater('1', fn)", () => spawnLater(anyone("1"), doNothing), TYPE],
  ["spawnLater(NaN, fn)", () => spawnLater(Number.NaN, doNothing), RANGE],
  ["spawnLater(-1, fn)", () => spawnLater(-1, doNothing), RANGE],
  ["spawnLater(2 ** 31, fn)", () => spawnLater(2 ** 31, doNothing), RANGE],
  ["new Greenlet('run')", () => new Greenlet(anyone("run")), TYPE],
  ["Greenlet.spawn({})", () => Greenlet.spawn(anyone({})), TYPE],
  ["addSpawnCallback(1)", () => Greenlet.addSpawnCallback(anyone(1)), TYPE],
  ["sleep('1')", () => sleep(anyone("1")), TYPE],
  ["sleep(NaN)", () => sleep(Number.NaN), RANGE],
  ["sleep(-1)", () => sleep(-1), RANGE],
  ["sleep(2 ** 31)", () => sleep(2 ** 31), RANGE],
  ["sleep(Infinity)", () => sleep(Number.POSITIVE_INFINITY), RANGE],
  ["new Timeout('1')", () => new Timeout(anyone("1")), TYPE],
  ["new Timeout(NaN)", () => new Timeout(Number.NaN), RANGE],
  ["new Timeout(-1)", () => new Timeout(-1), RANGE],
  ["withTimeout(1, 1)", () => withTimeout(1, anyone(1)), TYPE],
  ["wait(1)", () => wait(anyone(1)), TYPE],
  ["wait(an event)", () => wait(anyone(new event.Event())), TYPE],
  ["wait([1])", () => wait(anyone([1])), TYPE],
  ["wait([], { count: -1 })", () => wait([], { count: -1 }), RANGE],
  ["wait([], { count: '1' })", () => wait([], { count: anyone("1") }), TYPE],
  ["wait([], { timeout: NaN })", () => wait([], { timeout: Number.NaN }), RANGE],
  ["iwait([null])", () => iwait(anyone([null])).next(), TYPE],
  ["joinAll(1)", () => joinAll(anyone(1)), TYPE],
  ["joinAll([1])", () => joinAll(anyone([1])), TYPE],
  ["kill(1)", () => kill(anyone(1)), TYPE],
  ["kill(null)", () => kill(anyone(null)), TYPE],
  ["killAll(1)", () => killAll(anyone(1)), TYPE],
  ["setErrorHandler(1)", () => setErrorHandler(anyone(1)), TYPE],
  ["setErrorHandler(null)", () => setErrorHandler(anyone(null)), TYPE],
  ["setLongestHold(0)", () => setLongestHold(0), RANGE],
  ["setLongestHold(NaN)", () => setLongestHold(Number.NaN), RANGE],
  ["setLongestHold('1')", () => setLongestHold(anyone("1")), RANGE],
  ["local(1)", () => local(anyone(1)), TYPE],
];

const made: Case[] = [
  ["new Semaphore(-1)", () => new lock.Semaphore(-1), RANGE],
  ["new Semaphore(1.5)", () => new lock.Semaphore(1.5), RANGE],
  ["new Semaphore('1')", () => new lock.Semaphore(anyone("1")), TYPE],
  ["new BoundedSemaphore(NaN)", () => new lock.BoundedSemaphore(Number.NaN), RANGE],
  ["new Pool(-1)", () => new pool.Pool(-1), RANGE],
  ["new Pool('1')", () => new pool.Pool(anyone("1")), TYPE],
  ["new Group(1)", () => new pool.Group(anyone(1)), TYPE],
  ["new Queue(0.5)", () => new queue.Queue(0.5), RANGE],
  ["new Queue('1')", () => new queue.Queue(anyone("1")), TYPE],
  ["new SimpleQueue(NaN)", () => new queue.SimpleQueue(Number.NaN), RANGE],
  ["new PriorityQueue(0, [], 1)", () => new queue.PriorityQueue(0, [], anyone(1)), TYPE],
];

// 32 TestBasic.test_spawn_non_callable
greenEach([...functions, ...made], "%s is refused", (_, call, code) => {
  const spawned: unknown[] = [];
  const note = (one: unknown) => void spawned.push(one);
  Greenlet.addSpawnCallback(note);
  const error = thrownBy(call);
  Greenlet.removeSpawnCallback(note);
  expect(error).toBeInstanceOf(code === TYPE ? TypeError : RangeError);
  expect(error).toMatchObject({ code, message: expect.stringMatching(/^cannot .+: .+, received .+/s) });
  expect(spawned).toEqual([]);
});

greenEach(
  [
    ["a timeout of NaN", { timeout: Number.NaN }, RANGE],
    ["a timeout that is a text", { timeout: "100" }, TYPE],
    ["a bare number for the options", 100, TYPE],
    ["null for the options", null, TYPE],
    ["a signal that is none", { signal: {} }, TYPE],
    ["a signal that is none beside a Timeout", { timeout: new Timeout(5), signal: 5 }, TYPE],
  ] as Array<[string, unknown, string]>,
  "%s is refused everywhere, whether or not there is a wait",
  (_, options, code) => {
    for (const { name, call, state } of timed()) {
      const before = state();
      const error = thrownBy(() => call(options));
      idle();
      expect({ name, code: error.code, state: state() }).toEqual({ name, code, state: before });
      expect(error.message).toMatch(/^cannot .+: .+, received .+/s);
    }
  },
);

greenEach([[100], [null], ["fast"]], "%p is no options of whatever takes others", (options) => {
  const address: [string, number] = ["127.0.0.1", 0];
  const calls: Array<() => unknown> = [
    () => new pool.Group().imap(doNothing, [], anyone(options)),
    () => new pool.Pool(2).imapUnordered(doNothing, [], anyone(options)),
    () => new server.StreamServer(address, doNothing, anyone(options)),
    () => new server.StreamServer(address, doNothing).stop(anyone(options)),
    () => new wsgi.Server(address, doNothing, anyone(options)),
    () => new wsgi.Server(address, doNothing).stop(anyone(options)),
    () => socket.createConnection(address, anyone(options)),
    () => urlopen("http://127.0.0.1:0/", anyone(options)),
    () => withTimeout(5, doNothing, anyone(options)),
    () => sleep(0, anyone(options)),
  ];
  for (const call of calls) expect(thrownBy(call)).toMatchObject({ name: "TypeError", code: TYPE });
});

green("arguments of groups and their maps are checked at once", () => {
  const group = new pool.Pool(2);
  const calls: Array<() => unknown> = [
    () => group.add(anyone({})),
    () => group.start(anyone(null)),
    () => group.spawn(anyone(1)),
    () => group.apply(anyone(1)),
    () => group.apply(doNothing, anyone("args")),
    () => group.applyAsync(anyone(1)),
    () => group.map(anyone(1), []),
    () => group.map(doNothing, anyone(1)),
    () => group.mapAsync(doNothing, anyone(null)),
    () => group.imap(doNothing, anyone({})),
    () => group.imapUnordered(anyone({}), []),
  ];
  for (const call of calls) expect(thrownBy(call)).toMatchObject({ name: "TypeError", code: TYPE });
  expect(thrownBy(() => group.imap(doNothing, [], { maxsize: -1 }))).toMatchObject({ code: RANGE });
  expect([group.length, group.freeCount()]).toEqual([0, 2]);
});

green("links are functions, or take over results", () => {
  const g = spawn(doNothing);
  for (const kind of ["link", "linkValue", "linkException", "rawlink"] as const)
    for (const target of [null, undefined, 1, {}])
      expect(thrownBy(() => g[kind](anyone(target)))).toMatchObject({ code: TYPE });
  expect(thrownBy(() => new event.Event().rawlink(anyone(1)))).toMatchObject({ code: TYPE });
  expect(thrownBy(() => new lock.Semaphore().rawlink(anyone(1)))).toMatchObject({ code: TYPE });
  expect(g.linkCount).toBe(0);
});

green("what is not held is not released, and what is done is not done again", () => {
  expect(thrownBy(() => new lock.RLock().release())).toMatchObject({ code: "ERR_LOCK_NOT_HELD" });
  expect(thrownBy(() => new lock.BoundedSemaphore().release())).toMatchObject({ code: "ERR_SEMAPHORE_OVER_RELEASE" });
  expect(thrownBy(() => new queue.Queue().taskDone())).toMatchObject({ code: "ERR_TASK_DONE" });
});

green("a greenlet without anything to run fails, and says so", () => {
  const g = new Greenlet();
  g.start();
  expect(thrownBy(() => g.get())).toMatchObject({ name: "GeventError", code: "ERR_NO_RUN" });
});

test("run() rejects what is no function", async () => {
  expect(await failureOf(run(anyone(1)))).toMatchObject({ name: "TypeError", code: TYPE });
});

describe("outside of any greenlet", () => {
  const alive = new Greenlet(doNothing);
  const full = new queue.Queue(1, [1]);
  const busy = new pool.Pool(0);
  const calls: Array<[string, () => unknown]> = [
    ["sleep", () => sleep(1)],
    ["sleep(0)", () => sleep(0)],
    ["idle", () => idle()],
    ["wait", () => wait([alive])],
    ["wait for a promise", () => wait(Promise.resolve(1))],
    ["wait for the end", () => wait()],
    ["join", () => alive.join()],
    ["join with a time", () => alive.join({ timeout: 5 })],
    ["get", () => alive.get()],
    ["kill", () => alive.kill()],
    ["killAll", () => killAll([alive])],
    ["joinAll", () => joinAll([alive])],
    ["Event.wait", () => new event.Event().wait()],
    ["AsyncResult.get", () => new event.AsyncResult().get()],
    ["Semaphore.acquire", () => new lock.Semaphore(0).acquire()],
    ["Queue.get", () => new queue.Queue().get()],
    ["Queue.put", () => full.put(2)],
    ["Channel.put", () => new queue.Channel().put(1)],
    ["Pool.spawn", () => busy.spawn(doNothing)],
    ["Group.kill", () => new pool.Group(alive).kill()],
    ["Group.killOne", () => new pool.Group(alive).killOne(alive)],
    ["Timeout.start", () => new Timeout(1).start()],
    ["Timeout.run", () => new Timeout(1).run(doNothing)],
    ["a timeout of one's own", () => new queue.Queue().get({ timeout: new Timeout(1) })],
  ];

  test.each(calls)("%s is refused, with what to do instead", (_, call) => {
    const error = thrownBy(call);
    expect(error).toBeInstanceOf(NotInGreenletError);
    expect(error).toBeInstanceOf(GeventError);
    expect(error).toBeInstanceOf(CordageError);
    expect(error).toMatchObject({ name: "NotInGreenletError", code: "ERR_NOT_IN_GREENLET" });
    expect(error.message).toMatch(/^cannot .* here: only a greenlet can wait; call it within run\(\) or spawn\(\)$/);
    expect([alive.dead, full.qsize(), full.waitingPutters, busy.length]).toEqual([false, 1, 0, 0]);
  });

  test("what would not wait is allowed", async () => {
    const one = new lock.Semaphore(1);
    const q = new queue.Queue();
    q.put(1);
    const set = new event.Event();
    set.set();
    expect([one.acquire(), one.acquire({ timeout: 0 }), q.get(), set.wait()]).toEqual([true, false, 1, true]);
    const g = spawn(() => sleep(10_000));
    g.kill(undefined, { block: false });
    expect(await run(() => g.get())).toBeInstanceOf(Error);
  });

  test("a callback of the event loop is told, too", async () => {
    const inCallback = new Promise((resolve) => setTimeout(() => resolve(thrownBy(() => sleep(1))), 1));
    expect(await inCallback).toBeInstanceOf(NotInGreenletError);
  });
});

describe("an error that nobody waits for", () => {
  const failing = (error: unknown) => () => {
    throw error;
  };
  /** All but the warnings of a busy machine, which holds greenlets, too. */
  const noteIn = (written: string[]) => (text: any) => {
    if (!String(text).includes("CORDAGE_GEVENT_HELD")) written.push(String(text));
    return true;
  };

  green("is reported once, whatever becomes of the greenlet", () => {
    const error = new Error("reported");
    const g = spawn(failing(error));
    g.join();
    idle();
    expect(takeReports()).toEqual([[error, g]]);
    expect(thrownBy(() => g.get())).toBe(error);
    g.kill();
    idle();
  });

  // 232 TestHandleError.test_exception_in_custom_handle_error_does_not_crash, 85 TestCoroutinePool.test_stderr_raising
  green("and a handler or a stderr that throws: the hub goes on, and the greenlet keeps its own", () => {
    const error = new Error("of the greenlet");
    const write = process.stderr.write;
    const written: string[] = [];
    const before = setErrorHandler(failing(new Error("of the handler")));
    const p = new pool.Pool(1);
    try {
      process.stderr.write = noteIn(written);
      p.spawn(failing(error)).join();
      idle();
      process.stderr.write = failing(new Error("of stderr"));
      const g = p.spawn(failing(error));
      g.join();
      idle();
      expect(thrownBy(() => g.get())).toBe(error);
    } finally {
      process.stderr.write = write;
      setErrorHandler(before);
    }
    expect(written.map((text) => /Error: (.*)\n/.exec(text)![1])).toEqual(["of the greenlet", "of the handler"]);
    expect(p.freeCount()).toBe(1);
  });

  green("is reported even if it cannot be shown", () => {
    const unshown = Object.assign(new Error("hidden"), { [inspect.custom]: failing(new Error("of inspect")) });
    const write = process.stderr.write;
    const written: string[] = [];
    const before = setErrorHandler(undefined);
    try {
      process.stderr.write = noteIn(written);
      spawn(failing(unshown)).join();
      idle();
    } finally {
      process.stderr.write = write;
      setErrorHandler(before);
    }
    expect(written).toEqual([
      expect.stringMatching(/^an error that cannot be shown\n.*failed, and nobody waits for it\n$/),
    ]);
  });

  green("of a queue's own methods, where the hub calls them, is reported, and the hub goes on", () => {
    const error = new Error("of empty()");
    let isFailing = false;
    class Odd extends queue.Queue<number> {
      override empty(): boolean {
        if (isFailing) throw error;
        return super.empty();
      }
    }
    const q = new Odd();
    const getter = spawn(() => q.get());
    idle();
    isFailing = true;
    q.put(1);
    idle();
    expect(takeReports()).toEqual([[error, undefined]]);
    isFailing = false;
    q.put(2);
    expect(getter.get()).toBe(1);
  });

  green("is nothing for those who have ended by an exit", () => {
    spawn(() => sleep(10_000)).kill();
    idle();
  });
});

test("errors have names, and can be made without a message", () => {
  expect(new LoopExit()).toMatchObject({ name: "LoopExit", code: "ERR_LOOP_EXIT" });
  expect(new pool.PoolFull()).toMatchObject({ name: "PoolFull", message: expect.stringContaining("full") });
});
