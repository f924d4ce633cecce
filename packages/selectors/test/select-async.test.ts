/** Waiting on the event loop. */
import { getEventListeners } from "node:events";
import { closeSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import {
  EVENT_READ,
  EVENT_WRITE,
  PollSelector,
  type Ready,
  type Selector,
  SelectSelector,
  type Socket,
} from "@cordage/selectors";
import { failureOf } from "@cordage/test-support";
import { describe, expect, test } from "@jest/globals";
import { start } from "./support/fixture.js";
import {
  atEnd,
  begun,
  coded,
  different,
  looksMeanwhile,
  make,
  makeCounting,
  pair,
  turns,
  withReader,
} from "./support/selectors.js";

const BOTH = EVENT_READ | EVENT_WRITE;
const until = (signal: AbortSignal) => ({ signal });

describe.each(different)("%s", (name, Kind) => {
  test.each([5, {}, "abort"])("refuses %p as a signal", async (signal) => {
    const { selector } = withReader(Kind);
    expect(await failureOf(selector.selectAsync({ signal } as never))).toMatchObject({
      code: "ERR_INVALID_ARG_TYPE",
      message: expect.stringMatching(/^cannot select: signal must be an AbortSignal, received /),
    });
  });

  test("a signal ends a wait with its reason, and is not listened to any more", async () => {
    const { selector, reader, writer } = withReader(Kind);
    const stop = new AbortController();
    const waiting = begun(selector.selectAsync(until(stop.signal)));
    await turns(2);
    stop.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    await expect(selector.selectAsync(until(stop.signal))).rejects.toThrow("enough");
    await expect(selector.selectAsync({ timeout: 0, signal: stop.signal })).rejects.toThrow("enough");
    const other = new AbortController();
    writer.send("x");
    expect(await selector.selectAsync(until(other.signal))).toEqual([[selector.getKey(reader), EVENT_READ]]);
    for (const { signal } of [stop, other]) expect(getEventListeners(signal, "abort")).toEqual([]);
  });

  test("close ends all waits", async () => {
    const { selector } = withReader(Kind);
    const waits = [selector.selectAsync(), selector.selectAsync({ timeout: 60_000 })];
    const errors = Promise.all(waits.map(failureOf));
    await turns(2);
    selector.close();
    for (const error of await errors) expect(error).toMatchObject(coded("ERR_CLOSED"));
  });

  test("close ends waits that have just begun", async () => {
    const { selector } = withReader(Kind);
    const error = failureOf(selector.selectAsync());
    selector.close();
    expect(await error).toMatchObject(coded("ERR_CLOSED"));
  });

  test("waits at the same time are served in their order, without those that were given up", async () => {
    const { selector, reader, writer } = withReader(Kind);
    const served: number[] = [];
    const stop = new AbortController();
    const waits = [0, 1, 2, 3].map(async (i) => {
      const ready = await selector.selectAsync(i === 1 ? until(stop.signal) : {});
      served.push(i);
      return ready;
    });
    const outcomes = Promise.allSettled(waits);
    await turns(2);
    stop.abort();
    writer.send("x");
    const value = [[selector.getKey(reader), EVENT_READ]];
    const fulfilled = { status: "fulfilled", value };
    expect(await outcomes).toEqual([
      fulfilled,
      { status: "rejected", reason: stop.signal.reason },
      fulfilled,
      fulfilled,
    ]);
    expect(served).toEqual([0, 2, 3]);
  });

  test("what the first one takes, the next one does not find", async () => {
    const { selector, reader, writer } = withReader(Kind);
    const first = selector.selectAsync().then((ready) => [ready.length, String(reader.recv(10))]);
    const second = begun(selector.selectAsync());
    await turns(2);
    writer.send("x");
    expect(await first).toEqual([1, "x"]);
    await turns(2);
    writer.send("y");
    expect(await second).toHaveLength(1);
    expect(String(reader.recv(10))).toBe("y");
  });

  test("what is registered, modified or unregistered during a wait counts", async () => {
    const selector = make(Kind);
    const [one, other] = pair();
    const waiting = begun(selector.selectAsync());
    await turns(2);
    selector.register(one, EVENT_READ);
    await turns(2);
    selector.register(other, EVENT_READ);
    selector.unregister(other);
    one.send("x");
    await turns(2);
    const key = selector.modify(one, EVENT_WRITE);
    expect(await waiting).toEqual([[key, EVENT_WRITE]]);
  });

  test("a wait for nothing sleeps until something is registered", async () => {
    const selector = makeCounting(Kind);
    const waiting = begun(selector.selectAsync());
    await turns(2);
    expect(await looksMeanwhile(selector)).toBe(0);
    const key = selector.register(pair()[0], EVENT_WRITE);
    expect(await waiting).toEqual([[key, EVENT_WRITE]]);
  });

  test("a wait that found nothing sleeps, also after it was given up", async () => {
    const selector = makeCounting(Kind);
    const [reader, writer] = pair();
    selector.register(reader, EVENT_READ);
    expect(await selector.selectAsync({ timeout: 1 })).toEqual([]);
    writer.send("x");
    expect(await looksMeanwhile(selector)).toBe(0);
    expect(await selector.selectAsync()).toHaveLength(1);
    expect(await looksMeanwhile(selector)).toBe(0);
  });

  test("what is always ready does not starve the event loop", async () => {
    const selector = make(Kind);
    selector.register(pair()[0], EVENT_WRITE);
    let turned = 0;
    let found = 0;
    const turn = () => {
      turned++;
      if (turned < 50) setImmediate(turn);
    };
    setImmediate(turn);
    for await (const _ of selector) if (turned === 50 || ++found === 1000) break;
    expect(found).toBeLessThan(1000);
  });

  test("timers and promises go on during a wait", async () => {
    const { selector, reader, writer } = withReader(Kind);
    setTimeout(() => writer.send("x"), 1);
    expect(await selector.selectAsync()).toEqual([[selector.getKey(reader), EVENT_READ]]);
  });

  test("waits need no thread of libuv's pool", async () => {
    const waits = Array.from({ length: 20 }, () => begun(withReader(Kind).selector.selectAsync()));
    await turns(2);
    expect((await readFile(new URL(import.meta.url))).length).toBeGreaterThan(0);
    expect(waits).toHaveLength(20);
  });

  test("a wait on the event loop does not stand in the way of one that blocks", async () => {
    const { selector, reader, writer } = withReader(Kind);
    const waiting = begun(selector.selectAsync());
    await turns(2);
    writer.send("x");
    const ready = [[selector.getKey(reader), EVENT_READ]];
    expect(selector.select()).toEqual(ready);
    reader.recv(1);
    await turns(3);
    writer.send("y");
    expect(await waiting).toEqual(ready);
  });

  test.each([
    ["nothing", 13],
    ["unregistered", 13],
    ["for await", 13],
  ])("a wait for %s does not keep the process alive", async (how, code) => {
    const { child, ended } = start("wait-with-nothing-else.mjs", [name, how]);
    expect(await ended).toMatchObject({ code, signal: null, stdout: "waits\n" });
    child.stdin!.destroy();
  });

  test("a wait for what can become ready keeps the process alive", async () => {
    const { child, line, ended } = start("wait-with-nothing-else.mjs", [name, "stdin"]);
    expect(await line()).toBe("waits");
    child.stdin!.write("x");
    expect(await ended).toEqual({ code: 0, signal: null, stdout: "waits\n1\n", stderr: "" });
  });

  test("only the first wait may need a descriptor", async () => {
    const { ended } = start("waits-without-descriptors.mjs", [name], { first: "ulimit -n 40" });
    expect(await ended).toEqual({ code: 0, signal: null, stdout: "[1,1]\n", stderr: "" });
  });

  test("a wait that was given up does not keep the process alive", async () => {
    const { ended } = start("wait-with-nothing-else.mjs", [name, "given up"]);
    expect(await ended).toEqual({ code: 0, signal: null, stdout: "waits\ngiven up\n", stderr: "" });
  });

  test("a selector that was closed does not keep the process alive", async () => {
    const { ended } = start("wait-with-nothing-else.mjs", [name, "closed"]);
    expect(await ended).toEqual({ code: 0, signal: null, stdout: "waits\nERR_CLOSED\n", stderr: "" });
  });

  describe("for await", () => {
    const indexes = async (selector: Selector<number>, until: number): Promise<number[]> => {
      const found: number[] = [];
      for await (const [{ data }] of selector) if (found.push(data) === until) break;
      return found;
    };

    test("finds one after the other, and again what is still ready", async () => {
      const selector = make(Kind) as Selector<number>;
      for (const i of [0, 1, 2]) selector.register(pair()[0], EVENT_WRITE, i);
      expect(await indexes(selector, 7)).toEqual([0, 1, 2, 0, 1, 2, 0]);
    });

    test("leaves out what was unregistered or modified meanwhile", async () => {
      const selector = make(Kind) as Selector<number, Socket>;
      const sockets = Array.from({ length: 4 }, () => pair()[0]);
      for (const [i, socket] of sockets.entries()) selector.register(socket, EVENT_WRITE, i);
      const found: number[] = [];
      for await (const [{ data }] of selector) {
        if (found.length === 0) {
          selector.unregister(sockets[1]!);
          selector.modify(sockets[2]!, EVENT_WRITE, 20);
        }
        if (found.push(data) === 5) break;
      }
      expect(found).toEqual([0, 3, 0, 20, 3]);
    });

    test("ends when the selector is closed, by its body or meanwhile", async () => {
      const selector = make(Kind);
      for (const _ of [0, 1]) selector.register(pair()[0], EVENT_WRITE);
      let found = 0;
      for await (const _ of selector) {
        found++;
        selector.close();
      }
      expect(found).toBe(1);
      const other = withReader(Kind).selector;
      const next = other[Symbol.asyncIterator]().next();
      await turns(2);
      other.close();
      expect(await next).toEqual({ done: true, value: undefined });
    });

    test("leaves the selector open when its body breaks", async () => {
      const selector = make(Kind);
      selector.register(pair()[0], EVENT_WRITE);
      for await (const [, events] of selector) {
        expect(events).toBe(EVENT_WRITE);
        break;
      }
      expect(selector.closed).toBe(false);
      expect(selector.select()).toHaveLength(1);
    });
  });
});

describe.each([PollSelector, SelectSelector])("%p", (Kind) => {
  test("finds a plain file that is registered during a wait, and serves others as well", async () => {
    const { selector, reader, writer } = withReader(Kind);
    const file = openSync(new URL(import.meta.url), "r");
    atEnd(() => closeSync(file));
    const waits = Promise.all([selector.selectAsync(), selector.selectAsync()]);
    await turns(2);
    const key = selector.register(file, BOTH);
    const ready: Ready<any, any>[] = [[key, BOTH]];
    expect(await waits).toEqual([ready, ready]);
    writer.send("x");
    expect(await selector.selectAsync()).toEqual([[selector.getKey(reader), EVENT_READ], ...ready]);
  });
});

test("for await on a SelectSelector throws where a descriptor was closed", async () => {
  const { selector, reader } = withReader(SelectSelector);
  reader.close();
  await expect(selector[Symbol.asyncIterator]().next()).rejects.toMatchObject(coded("EBADF"));
});
