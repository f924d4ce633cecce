/** Waits that an AbortSignal ends. */
import { getEventListeners } from "node:events";
import {
  event,
  type Greenlet,
  idle,
  iwait,
  joinAll,
  kill,
  killAll,
  lock,
  pool,
  queue,
  server,
  sleep,
  socket,
  spawn,
  urlopen,
  wait,
  wsgi,
} from "@cordage/gevent";
import { thrownBy } from "@cordage/test-support";
import { describe, expect } from "@jest/globals";
import { green, greenEach } from "./support/green.js";
import { timed } from "./support/timed.js";

const never = () => new event.Event().wait({ timeout: 20_000 });

const toughOnes: Greenlet[] = [];

/** Dies of the second kill. */
function tough(): Greenlet {
  const one = spawn(() => {
    try {
      never();
    } catch {
      never();
    }
  });
  sleep(0);
  toughOnes.push(one);
  return one;
}

function endTheTough(): void {
  for (const one of toughOnes.splice(0)) for (let i = 0; i < 2; i++) kill(one);
}

type Waiting = [name: string, call: (options: { signal: AbortSignal }) => unknown, left: () => unknown];

/** Each would wait, and says what is left of its wait: nothing, afterwards. */
const waits: Array<() => Waiting> = [
  () => {
    const one = new event.Event();
    return ["Event.wait", (o) => one.wait(o), () => one.linkCount];
  },
  () => {
    const one = new event.AsyncResult();
    return ["AsyncResult.get", (o) => one.get(o), () => 0];
  },
  () => {
    const one = new event.AsyncResult();
    return ["AsyncResult.wait", (o) => one.wait(o), () => 0];
  },
  () => {
    const one = new lock.Semaphore(0);
    return ["Semaphore.acquire", (o) => one.acquire(o), () => one.counter];
  },
  () => {
    const one = new lock.RLock();
    spawn(() => one.acquire()).join();
    return ["RLock.acquire", (o) => one.acquire(o), () => Number(!one.locked())];
  },
  () => {
    const one = new queue.Queue();
    return ["Queue.get", (o) => one.get(o), () => one.waitingGetters];
  },
  () => {
    const one = new queue.SimpleQueue();
    return ["Queue.peek", (o) => one.peek(o), () => one.waitingGetters];
  },
  () => {
    const one = new queue.Queue(1, [1]);
    return ["Queue.put", (o) => one.put(2, o), () => one.waitingPutters + one.qsize() - 1];
  },
  () => {
    const one = new queue.Queue(0, [1]);
    return ["Queue.join", (o) => one.join(o), () => one.unfinishedTasks - 1];
  },
  () => {
    const one = new queue.Channel();
    return ["Channel.get", (o) => one.get(o), () => Number(thrownBy(() => one.putNoWait(1)) === undefined)];
  },
  () => {
    const one = new queue.Channel();
    return ["Channel.put", (o) => one.put(1, o), () => Number(thrownBy(() => one.getNoWait()) === undefined)];
  },
  () => {
    const one = tough();
    return ["Greenlet.join", (o) => one.join(o), () => one.linkCount];
  },
  () => {
    const one = tough();
    return ["Greenlet.get", (o) => one.get(o), () => one.linkCount];
  },
  () => {
    const one = tough();
    return ["Greenlet.kill", (o) => one.kill(undefined, o), () => one.linkCount];
  },
  () => {
    const one = tough();
    return ["killAll", (o) => killAll([one], undefined, o), () => one.linkCount];
  },
  () => {
    const one = tough();
    return ["killAll with a time", (o) => killAll([one], undefined, { ...o, timeout: 20_000 }), () => one.linkCount];
  },
  () => {
    const one = tough();
    return ["joinAll", (o) => joinAll([one], o), () => one.linkCount];
  },
  () => {
    const one = tough();
    return ["joinAll with raiseError", (o) => joinAll([one], { ...o, raiseError: true }), () => one.linkCount];
  },
  () => {
    const one = new event.Event();
    return ["wait with a time", (o) => wait([one], { ...o, timeout: 20_000 }), () => one.linkCount];
  },
  () => {
    const one = new event.Event();
    return ["iwait", (o) => iwait([one], o).next(), () => one.linkCount];
  },
  () => ["wait for a promise", (o) => wait(new Promise(() => undefined), o), () => 0],
  () => ["wait for the end", (o) => wait(null, o), () => 0],
  () => {
    const one = tough();
    const group = new pool.Group(one);
    return ["Group.join", (o) => group.join(o), () => one.linkCount - 1];
  },
  () => {
    const one = tough();
    const group = new pool.Group(one);
    return ["Group.join with raiseError", (o) => group.join({ ...o, raiseError: true }), () => one.linkCount - 1];
  },
  () => {
    const one = tough();
    const group = new pool.Group(one);
    return ["Group.kill", (o) => group.kill(undefined, o), () => one.linkCount - 1];
  },
  () => {
    const one = tough();
    const group = new pool.Group(one);
    return ["Group.killOne", (o) => group.killOne(one, undefined, o), () => one.linkCount - 1];
  },
  () => {
    const one = new pool.Pool(0);
    return ["Pool.add", (o) => one.add(tough(), o), () => one.length];
  },
  () => {
    const one = new pool.Pool(0);
    return ["Pool.waitAvailable", (o) => one.waitAvailable(o), () => one.freeCount()];
  },
  () => ["sleep", (o) => sleep(20_000, o), () => 0],
  () => {
    const handlers = new pool.Pool(1);
    const one = new server.StreamServer(["127.0.0.1", 0], never, { spawn: handlers });
    one.start();
    const client = socket.createConnection(one.address);
    while (handlers.length === 0) sleep(1);
    const left = () => {
      client.close();
      return Number(one.started);
    };
    return ["StreamServer.stop", (o) => one.stop({ ...o, timeout: null }), left];
  },
  () => {
    const begun = new event.Event();
    const one = new wsgi.Server(["127.0.0.1", 0], () => {
      begun.set();
      never();
    });
    one.start();
    const client = socket.createConnection(one.address);
    client.sendAll("GET / HTTP/1.1\r\nhost: here\r\n\r\n");
    begun.wait();
    const left = () => {
      client.close();
      return 0;
    };
    return ["wsgi.Server.stop", (o) => one.stop({ ...o, timeout: null }), left];
  },
  () => {
    const silent = socket.createServer(["127.0.0.1", 0]);
    const [, port] = silent.address() as [string, number];
    const left = () => {
      silent.close();
      return 0;
    };
    return ["urlopen", (o) => urlopen(`http://127.0.0.1:${port}/`, o), left];
  },
];

/** Aborts in a callback of the event loop, once whoever waits does. */
function abortSoon(reason: unknown): AbortSignal {
  const controller = new AbortController();
  setImmediate(() => setImmediate(() => controller.abort(reason)));
  return controller.signal;
}

greenEach<[unknown]>(
  [[new Error("no longer wanted")], ["no error at all"]],
  "whatever waits is ended by its signal, throws the reason (%p), and leaves nothing behind",
  (reason) => {
    for (const make of waits) {
      const [name, call, left] = make();
      const signal = abortSoon(reason);
      const outcome = spawn(() => thrownValue(() => call({ signal }))).get();
      idle();
      expect({ name, outcome, listeners: getEventListeners(signal, "abort"), left: left() }).toEqual({
        name,
        outcome: { thrown: reason },
        listeners: [],
        left: 0,
      });
      endTheTough();
    }
  },
);

function thrownValue(call: () => unknown): unknown {
  try {
    return { returned: call() };
  } catch (thrown) {
    return { thrown };
  }
}

green(
  "a signal that is aborted already refuses everything, whether or not there is a wait; nothing has changed",
  () => {
    const reason = new Error("long ago");
    for (const { name, call, state } of timed()) {
      const before = state();
      const outcome = thrownValue(() => call({ signal: AbortSignal.abort(reason) }));
      idle();
      expect({ name, outcome, state: state() }).toEqual({ name, outcome: { thrown: reason }, state: before });
    }
  },
);

describe("a signal that is aborted by another greenlet", () => {
  green("ends the wait soon: whoever aborts goes on first", () => {
    const controller = new AbortController();
    const seen: unknown[] = [];
    const waiter = spawn(() => seen.push(thrownBy(() => new event.Event().wait(controller))));
    sleep(0);
    controller.abort("reason");
    seen.push("goes on");
    waiter.join();
    expect(seen).toEqual(["goes on", "reason"]);
  });

  green("comes too late for what is given before its turn: that is had, and not lost", () => {
    const [semaphore, channel, items] = [new lock.Semaphore(0), new queue.Channel(), new queue.Queue()];
    const give: Array<[string, (o: { signal: AbortSignal }) => unknown, () => void]> = [
      ["a permit", (o) => semaphore.acquire(o), () => semaphore.release()],
      ["handed over", (o) => channel.get(o), () => channel.putNoWait("handed over")],
      ["put", (o) => items.get(o), () => items.put("put")],
    ];
    for (const isFirst of [true, false])
      for (const [what, take, giveIt] of give) {
        const controller = new AbortController();
        const taker = spawn(() => thrownValue(() => take(controller)));
        sleep(0);
        if (isFirst) giveIt();
        controller.abort("too late");
        if (!isFirst) giveIt();
        const outcome = taker.get() as { returned?: unknown; thrown?: unknown };
        const left = [semaphore.counter, items.qsize()].reduce((a, b) => a + b);
        const had = outcome.returned === (what === "a permit" ? true : what) ? 1 : 0;
        expect({ what, isFirst, total: had + left }).toEqual({ what, isFirst, total: 1 });
        if (left > 0)
          expect([outcome.thrown, semaphore.tryAcquire() || items.getNoWait()]).toEqual([
            "too late",
            expect.anything(),
          ]);
      }
  });

  green("ends all that wait with it, in their order, with one listener: Node warns of more than ten", () => {
    const controller = new AbortController();
    const seen: number[] = [];
    const all = Array.from({ length: 100 }, (_, i) =>
      spawn(() => {
        thrownBy(() => new event.Event().wait(controller));
        seen.push(i);
      }),
    );
    idle();
    expect(getEventListeners(controller.signal, "abort")).toHaveLength(1);
    controller.abort();
    joinAll(all);
    expect(seen).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });
});

green("whoever reads one by one is told between two of them", () => {
  const [ready, unset] = [new event.Event(), new event.Event()];
  ready.set();
  const controller = new AbortController();
  const results = iwait([ready, unset], controller);
  expect(results.next().value).toBe(ready);
  controller.abort("meanwhile");
  expect([thrownValue(() => results.next()), unset.linkCount]).toEqual([{ thrown: "meanwhile" }, 0]);
});

green(
  "the reason of a signal that nothing was told of is AbortError, as everywhere; a timeout beside it counts too",
  () => {
    const never = new event.Event();
    const controller = new AbortController();
    setImmediate(() => controller.abort());
    expect(thrownBy(() => never.wait({ signal: controller.signal, timeout: 20_000 }))).toMatchObject({
      name: "AbortError",
    });
    expect(never.wait({ signal: new AbortController().signal, timeout: 5 })).toBe(false);
    expect(thrownBy(() => never.wait({ signal: AbortSignal.timeout(1) }))).toMatchObject({ name: "TimeoutError" });
  },
);
