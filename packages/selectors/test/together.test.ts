/** Selectors with everything else that has a descriptor. */
import { closeSync, writeSync } from "node:fs";
import { Client, Listener, Pipe, wait as waitFor, waitSync } from "@cordage/ipc";
import { pipe } from "@cordage/ipc/sys";
import { getAllStartMethods } from "@cordage/process";
import {
  createServer,
  EVENT_READ,
  EVENT_WRITE,
  type FileObject,
  type Ready,
  SHUT_WR,
  Socket,
} from "@cordage/selectors";
import { programsIn } from "@cordage/test-support";
import { describe, expect, test } from "@jest/globals";
import { report } from "./support/fixture.js";
import {
  atEnd,
  begun,
  different,
  looksMeanwhile,
  make,
  makeCounting,
  pair,
  turns,
  ways,
  withReader,
} from "./support/selectors.js";

const BOTH = EVENT_READ | EVENT_WRITE;
const programs = programsIn(new URL("./fixtures/", import.meta.url));

/** epoll gives what is ready in the order in which it became so. */
const byNumber = (ready: Ready<FileObject, unknown>[]) => ready.sort(([a], [b]) => a.fd - b.fd);

function connections(options?: { duplex: boolean }): ReturnType<typeof Pipe> {
  const ends = Pipe(options);
  for (const end of ends) atEnd(() => end.close());
  return ends;
}

describe.each(different)("%s", (name, Kind) => {
  describe.each(ways)("%s", (_, wait) => {
    test.each([true, false])("finds a connection that can be received from, duplex: %p", async (duplex) => {
      const selector = make(Kind);
      const [reader, writer] = connections({ duplex });
      const ready = [[selector.register(reader, EVENT_READ), EVENT_READ]];
      expect(await wait(selector, 0)).toEqual([]);
      for (const message of [1, 2, 3]) writer.sendSync(message);
      for (const message of [1, 2, 3]) {
        expect(await wait(selector)).toEqual(ready);
        expect(reader.recvSync()).toBe(message);
      }
      expect(await wait(selector, 0)).toEqual([]);
      writer.close();
      expect(await wait(selector)).toEqual(ready);
    });

    test("finds what a connection had read ahead before it was registered", async () => {
      const selector = make(Kind);
      const [reader, writer] = connections();
      for (const message of [1, 2, 3]) writer.sendSync(message);
      expect(reader.recvSync()).toBe(1);
      const read = [selector.register(reader, EVENT_READ), EVENT_READ];
      const other = [selector.register(pair()[0], EVENT_WRITE), EVENT_WRITE];
      expect(byNumber(await wait(selector))).toEqual([read, other]);
      const both = [selector.modify(reader, BOTH), BOTH];
      expect(byNumber(await wait(selector))).toEqual([both, other]);
      const write = [selector.modify(reader, EVENT_WRITE), EVENT_WRITE];
      expect(byNumber(await wait(selector))).toEqual([write, other]);
      selector.modify(reader, EVENT_READ);
      for (const message of [2, 3]) {
        expect(byNumber(await wait(selector))).toEqual([read, other]);
        expect(reader.recvSync()).toBe(message);
      }
      expect(await wait(selector)).toEqual([other]);
      writer.sendSync(4);
      expect(byNumber(await wait(selector))).toEqual([read, other]);
    });

    test("finds listeners with somebody to accept", async () => {
      const selector = make(Kind);
      using listener = new Listener();
      using server = createServer(["127.0.0.1", 0]);
      const keys = [listener, server].map((one) => selector.register(one, EVENT_READ));
      expect(await wait(selector, 0)).toEqual([]);
      using _client = await Client(listener.address);
      expect(await wait(selector)).toEqual([[keys[0], EVENT_READ]]);
      listener.acceptSync().close();
      using socket = new Socket();
      socket.connect(server.address() as [string, number]);
      expect(await wait(selector)).toEqual([[keys[1], EVENT_READ]]);
      server.accept()[0].close();
    });

    test("finds a pipe, by its numbers, and its end from both sides", async () => {
      const selector = make(Kind);
      const { reader, writer } = pipe();
      const read = selector.register(reader, EVENT_READ);
      const write = selector.register(writer, EVENT_WRITE);
      expect(await wait(selector)).toEqual([[write, EVENT_WRITE]]);
      writeSync(writer, "x");
      expect(byNumber(await wait(selector))).toEqual([
        [read, EVENT_READ],
        [write, EVENT_WRITE],
      ]);
      selector.unregister(reader);
      closeSync(reader);
      expect(await wait(selector)).toEqual([[write, EVENT_WRITE]]);
      selector.unregister(writer);
      closeSync(writer);
    });

    test("counts the end as ready for what is waited for", async () => {
      const selector = make(Kind);
      const [half, itsPeer] = pair();
      const [whole, other] = pair();
      const keys = [selector.register(half, EVENT_READ), selector.register(whole, BOTH)];
      itsPeer.shutdown(SHUT_WR);
      other.close();
      expect(byNumber(await wait(selector))).toEqual([
        [keys[0], EVENT_READ],
        [keys[1], BOTH],
      ]);
      selector.modify(whole, EVENT_WRITE);
      selector.unregister(half);
      expect(await wait(selector)).toEqual([[selector.getKey(whole), EVENT_WRITE]]);
    });
  });

  test.each(different)("finds a %s that finds something", async (_name, Inner) => {
    const outer = make(Kind);
    const { selector: inner, reader, writer } = withReader(Inner);
    const ready = [[outer.register(inner, EVENT_READ), EVENT_READ]];
    expect(outer.select(0)).toEqual([]);
    const waiting = begun(outer.selectAsync());
    await turns(2);
    writer.send("x");
    expect(await waiting).toEqual(ready);
    expect(outer.select()).toEqual(ready);
    expect(inner.select()).toEqual([[inner.getKey(reader), EVENT_READ]]);
    reader.recv(1);
    expect(outer.select(0)).toEqual([]);
    inner.register(pair()[0], EVENT_WRITE);
    expect(outer.select()).toEqual(ready);
    inner.unregister(inner.select()[0]![0].fileobj);
    expect(outer.select(0)).toEqual([]);
  });

  test("refuses to be nested too deep, and goes on", async () => {
    expect(await report("nest-too-deep.mjs", [name])).toEqual({ refused: ["ELOOP"], found: 8 });
  });

  test("is found by wait() of ipc", async () => {
    const { selector, writer } = withReader(Kind);
    const [a] = connections();
    expect([await waitFor([a, selector], 0), waitSync([a, selector], 0)]).toEqual([[], []]);
    const waiting = waitFor([a, selector]);
    writer.send("x");
    expect(await waiting).toEqual([selector]);
    expect(waitSync([a, selector])).toEqual([selector]);
    expect(selector.select()).toHaveLength(1);
  });

  test("waits beside those who wait for the same connection in other ways", async () => {
    const selector = makeCounting(Kind);
    const [reader, writer] = connections();
    const key = selector.register(reader, EVENT_READ);
    const waits = [begun(selector.selectAsync()), begun(waitFor([reader]))] as const;
    await turns(2);
    writer.sendSync(1);
    expect(await Promise.all(waits)).toEqual([[[key, EVENT_READ]], [reader]]);
    expect(reader.recvSync()).toBe(1);
  });

  test("finds what a connection that is registered during a wait had read ahead", async () => {
    const selector = makeCounting(Kind);
    const [reader, writer] = connections();
    for (const message of [1, 2]) writer.sendSync(message);
    expect(reader.recvSync()).toBe(1);
    const waits = [begun(selector.selectAsync()), begun(selector.selectAsync())];
    await turns(2);
    const ready = [[selector.register(reader, EVENT_READ), EVENT_READ]];
    expect(await Promise.all(waits)).toEqual([ready, ready]);
    expect(reader.recvSync()).toBe(2);
    const waiting = begun(selector.selectAsync());
    await turns(3);
    expect(await looksMeanwhile(selector)).toBe(0);
    writer.sendSync(3);
    expect(await waiting).toEqual(ready);
  });

  test("finds what a connection had read ahead once that is waited for", async () => {
    const selector = make(Kind);
    const [reader, writer] = connections({ duplex: false });
    for (const message of [1, 2]) writer.sendSync(message);
    expect(reader.recvSync()).toBe(1);
    selector.register(reader, EVENT_WRITE); // which it never is
    const waiting = begun(selector.selectAsync());
    await turns(3);
    const key = selector.modify(reader, EVENT_READ);
    expect(await waiting).toEqual([[key, EVENT_READ]]);
  });

  test("sleeps on when somebody else takes what woke it", async () => {
    const selector = makeCounting(Kind);
    const [reader, writer] = connections();
    const key = selector.register(reader, EVENT_READ);
    const waiting = begun(selector.selectAsync());
    await turns(2);
    for (const message of [1, 2]) {
      writer.sendSync(message);
      expect(reader.recvSync()).toBe(message);
      await turns(3);
      expect(await looksMeanwhile(selector)).toBe(0);
    }
    writer.sendSync(3);
    expect(await waiting).toEqual([[key, EVENT_READ]]);
  });

  test.each(getAllStartMethods())("finds the sentinel of a process that has ended, started by %s", async (method) => {
    const [found] = await programs.reports("select-sentinel.mjs", method, { args: [name] });
    expect(found).toEqual([0, "ended", EVENT_READ, 1, 0]);
  });

  test("goes on when a forked child closes what it has inherited", async () => {
    const { code, stdout, stderr } = await programs.run("close-in-forked-child.mjs", "fork", { args: [name] });
    expect([code, stdout, stderr]).toEqual([0, "1 1\n1 1 true 0\n", ""]);
  });
});
