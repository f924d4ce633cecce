/** Waiting: the rest of CPython's test_selectors, and of gevent's tests of selectors and select. */
import { closeSync } from "node:fs";
import {
  DefaultSelector,
  EpollSelector,
  EVENT_READ,
  EVENT_WRITE,
  KqueueSelector,
  PollSelector,
  type Ready,
  type Selector,
  SelectorKey,
  SelectSelector,
  type Socket,
} from "@cordage/selectors";
import { failureOf, reportOf, seeded } from "@cordage/test-support";
import { describe, expect, test } from "@jest/globals";
import { start } from "../support/fixture.js";
import { interrupt } from "../support/interrupt.js";
import { coded, kinds, make, pair, turns, ways, withReader } from "../support/selectors.js";

const BOTH = EVENT_READ | EVENT_WRITE;
const MESSAGE = " This is a test.";
const SEED = 11;

const readyFor = (ready: Ready<Socket, unknown>[], event: number) =>
  ready.filter(([, events]) => events & event).map(([{ fileobj }]) => fileobj);

/** So many pairs, with the reader of each writer. */
function crowd(selector: Selector<unknown, Socket>, count: number): Map<Socket, Socket> {
  const readers = new Map<Socket, Socket>();
  for (let i = 0; i < count; i++) {
    const [reader, writer] = pair();
    selector.register(reader, EVENT_READ);
    selector.register(writer, EVENT_WRITE);
    readers.set(writer, reader);
  }
  return readers;
}

/** Sends back what a socket receives, and has done with it. */
function answer(selector: Selector, socket: Socket): void {
  socket.send(socket.recv(100));
  selector.unregister(socket);
  socket.close();
}

describe.each(kinds)("with %s", (name, Kind) => {
  describe.each(ways)("by %s", (_, wait) => {
    // 11 BaseSelectorTestCase.test_select
    test("exactly what is ready is found, and for what", async () => {
      const { selector, writer } = withReader(Kind);
      const key = selector.register(writer, EVENT_WRITE);
      const ready = await wait(selector);
      expect(ready).toEqual([[key, EVENT_WRITE]]);
      expect(ready[0]![0]).toBe(key);
      expect(key).toBeInstanceOf(SelectorKey);
    });

    // 12 BaseSelectorTestCase.test_select_read_write
    test("what can be read and written is found once, for both", async () => {
      const selector = make(Kind);
      const [one, other] = pair();
      const key = selector.register(one, BOTH);
      expect(await wait(selector)).toEqual([[key, EVENT_WRITE]]);
      other.send("x");
      expect(await wait(selector)).toEqual([[key, BOTH]]);
    });

    // 15 BaseSelectorTestCase.test_selector
    test("of twelve pairs exactly the reader that was written to is found", async () => {
      const selector = make(Kind) as Selector<unknown, Socket>;
      const readers = crowd(selector, 12);
      const random = seeded(SEED);
      while (readers.size > 0) {
        const writers = readyFor(await wait(selector), EVENT_WRITE);
        expect(writers).toHaveLength(readers.size);
        const writer = writers[random(writers.length)]!;
        const reader = readers.get(writer)!;
        writer.send(MESSAGE);
        expect(readyFor(await wait(selector), EVENT_READ)).toEqual([reader]);
        expect(String(reader.recv(16))).toBe(MESSAGE);
        for (const socket of [reader, writer]) selector.unregister(socket);
        readers.delete(writer);
      }
      expect(selector.getMap().size).toBe(0);
    });

    // 16 BaseSelectorTestCase.test_empty_select
    test("where nothing is registered, nothing is found", async () => {
      const selector = make(Kind);
      expect(await wait(selector, 0)).toEqual([]);
      expect(await wait(selector, -1)).toEqual([]);
    });

    // 17 BaseSelectorTestCase.test_timeout
    test("a timeout of zero or less looks, a longer one waits as long", async () => {
      const { selector, reader, writer } = withReader(Kind);
      expect([await wait(selector, 0), await wait(selector, -1)]).toEqual([[], []]);
      const began = performance.now();
      expect(await wait(selector, 30)).toEqual([]);
      expect(performance.now() - began).toBeGreaterThan(28);
      selector.unregister(reader);
      const ready = [[selector.register(writer, EVENT_WRITE), EVENT_WRITE]];
      for (const timeout of [0, -1, 60_000, null, undefined]) expect(await wait(selector, timeout)).toEqual(ready);
    });

    // 44 GeventSelectorTest.test_select_many_sockets
    test("one look serves ten sockets, and another finds all that were answered", async () => {
      const servers = make(Kind) as Selector<unknown, Socket>;
      const clients = make(Kind) as Selector<string, Socket>;
      for (let i = 0; i < 10; i++) {
        const [server, client] = pair();
        servers.register(server, EVENT_READ);
        clients.register(client, EVENT_READ, String(i));
        client.send(String(i));
      }
      for (const [{ fileobj }] of await wait(servers, -1)) answer(servers, fileobj);
      const answered = await wait(clients, 60_000);
      expect(answered.map(([{ fileobj, data }]) => [data, String(fileobj.recv(50))])).toEqual(
        Array.from({ length: 10 }, (_, i) => [String(i), String(i)]),
      );
    });

    // 52 TestSelectors.test_selector_EpollSelector, 54 TestSelectors.test_selector_PollSelector
    // 55 TestSelectors.test_selector_SelectSelector, 56 TestSelectors.test_selector_GeventSelector
    test("a socket is answered by what was registered with it", async () => {
      const selector = make(Kind);
      const [server, client] = pair();
      selector.register(server, EVENT_READ, (socket: Socket) => answer(selector, socket));
      client.send("abcdef");
      for (const [{ data, fileobj }] of await wait(selector)) data(fileobj);
      expect(String(client.recv(50))).toBe("abcdef");
    });

    // 61 TestSelect(select).test_returns_none_after_timeout
    test("waiting for nothing takes as long as asked", async () => {
      const selector = make(Kind);
      const began = performance.now();
      expect(await wait(selector, 30)).toEqual([]);
      expect(performance.now() - began).toBeGreaterThan(28);
    });

    // 71 TestPossibleCrashes(select).test_closing_object_while_polling
    test("what was closed after it was registered is nothing, ready or an error, as the system has it", async () => {
      const { selector, reader } = withReader(Kind);
      const key = selector.getKey(reader);
      reader.close();
      if (selector instanceof EpollSelector) expect(await wait(selector, 5)).toEqual([]);
      else if (selector instanceof PollSelector) expect(await wait(selector)).toEqual([[key, EVENT_READ]]);
      else expect(await failureOf(wait(selector))).toMatchObject({ code: "EBADF", syscall: "select" });
    });
  });

  // 15 BaseSelectorTestCase.test_selector: one after the other
  test("for await finds every writer and every reader of twelve pairs", async () => {
    const selector = make(Kind) as Selector<unknown, Socket>;
    const readers = crowd(selector, 12);
    const received: string[] = [];
    for await (const [{ fileobj }, events] of selector) {
      if (events === EVENT_WRITE) fileobj.send(MESSAGE);
      else received.push(String(fileobj.recv(16)));
      selector.unregister(fileobj);
      if (received.length === readers.size) break;
    }
    expect(received).toEqual(Array(12).fill(MESSAGE));
  });

  // 19 BaseSelectorTestCase.test_select_interrupt_noraise
  test.each([
    ["60000", true],
    ["300", false],
  ])("signals do not end a wait of %s ms", async (timeout, written) => {
    const running = start("select-through-signals.mjs", [name, timeout]);
    expect(await running.line()).toBe("blocks");
    await interrupt(running.child, "SIGUSR2", 3);
    if (written) running.child.stdin!.end("x");
    expect(await reportOf(running)).toEqual({ found: written ? 1 : 0, whole: !written, signalled: true });
  });

  // 45 TestPossibleCrashes(selectors).test_closing_object_while_selecting
  // TestPossibleCrashes(select).test_closing_object_while_selecting
  test("a socket that is closed during a wait on the event loop is not found, and the wait ends in time", async () => {
    const { selector, reader } = withReader(Kind);
    const waiting = selector.selectAsync({ timeout: 30 });
    await turns(2);
    reader.close();
    expect(await waiting).toEqual([]);
  });

  // 46 TestPossibleCrashes(selectors).test_closing_fd_while_selecting, 69 TestPossibleCrashes(select).test_closing_fd_while_selecting
  test("a number that is closed during a wait on the event loop is not found, and the wait ends in time", async () => {
    const selector = make(Kind);
    const fd = pair()[0].detach();
    selector.register(fd, EVENT_READ);
    const waiting = selector.selectAsync({ timeout: 30 });
    await turns(2);
    closeSync(fd);
    expect(await waiting).toEqual([]);
  });
});

// BaseSelectorTestCase.test_select_interrupt_exc
test("a signal's handler can end a wait on the event loop", async () => {
  const running = start("abort-by-signal.mjs");
  expect(await running.line()).toBe("waits");
  running.child.kill("SIGUSR2");
  expect(await reportOf(running)).toBe("interrupted");
});

// 61 TestSelect(select).test_returns_none_after_timeout: an outer timeout is not lost
test("a signal that comes before the timeout ends a wait for nothing", async () => {
  const error = await failureOf(make(DefaultSelector).selectAsync({ timeout: 60_000, signal: AbortSignal.timeout(1) }));
  expect(error.name).toBe("TimeoutError");
});

// 20 ScalableSelectorMixIn.test_above_fd_setsize
describe("with more descriptors than a set of select(2) has room for", () => {
  const COUNT = 1100;

  test.each([EpollSelector, PollSelector])("%p finds all that are ready", async (Kind) => {
    const selector = make(Kind) as Selector<unknown, Socket>;
    const writers = [...crowd(selector, COUNT).keys()];
    expect(readyFor(selector.select(), BOTH)).toEqual(writers);
    expect(readyFor(await selector.selectAsync(), BOTH)).toEqual(writers);
  });

  test("SelectSelector refuses them", () => {
    const selector = make(SelectSelector);
    const sockets = Array.from({ length: COUNT / 2 }, pair).flat();
    const [low, high] = [sockets[0]!, sockets.at(-1)!];
    expect(high.fileno()).toBeGreaterThanOrEqual(1024);
    expect(() => selector.register(high, EVENT_WRITE)).toThrow(coded("ERR_OUT_OF_RANGE"));
    const key = selector.register(low, EVENT_WRITE);
    expect(selector.select()).toEqual([[key, EVENT_WRITE]]);
  });
});

// 49 TestSelectors.test_default
test("the default selector is the one on epoll", () => {
  expect(DefaultSelector).toBe(EpollSelector);
});

// 51 TestSelectors.test_selector_KqueueSelector
test("there is no selector on kqueue", () => {
  expect(() => new KqueueSelector()).toThrow(coded("ERR_UNSUPPORTED_PLATFORM"));
});
