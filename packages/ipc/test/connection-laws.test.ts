/** What holds for every kind of connection, in both forms of every call. */
import { randomBytes } from "node:crypto";
import { Client, type Connection, Listener, Pipe, wait } from "@cordage/ipc";
import { native } from "@cordage/ipc/sys";
import { newFiles } from "@cordage/test-support";
import { afterAll, afterEach, describe, expect, test } from "@jest/globals";
import { run } from "./support/fixture.js";

const opened = newFiles();
afterAll(() => expect(opened()).toEqual([]));
const coded = (code: string) => expect.objectContaining({ code });

async function connected(listener: Listener): Promise<[Connection, Connection]> {
  const [reader, writer] = await Promise.all([listener.accept(), Client(listener.address)]);
  listener.close();
  return [reader, writer];
}

test("connections that are dropped, however they were used, leave no descriptor open once they are collected", async () => {
  const { code, stdout, stderr } = await run("drop-connections.mjs", [], { flags: ["--expose-gc"] });
  expect([code, stderr]).toEqual([0, ""]);
  for (const [use, left] of Object.entries(JSON.parse(stdout))) expect([use, left]).toEqual([use, 0]);
});

const kinds: Array<[string, () => Promise<[Connection, Connection]>]> = [
  ["a duplex pipe", async () => Pipe()],
  ["a one-way pipe", async () => Pipe({ duplex: false })],
  ["a unix socket", () => connected(new Listener())],
  ["a TCP connection", () => connected(new Listener(0))],
];

describe.each(kinds)("over %s", (kind, make) => {
  let reader: Connection;
  let writer: Connection;
  afterEach(() => {
    reader.close();
    writer.close();
  });
  const law = (name: string, body: () => Promise<void>) =>
    test(name, async () => {
      [reader, writer] = await make();
      await body();
    });

  law("messages of every length around the limits of the buffers come one to one", async () => {
    const lengths = [
      0, 1, 0, 4, 8187, 8188, 8192, 8196, 16383, 16384, 16385, 65531, 65532, 65536, 65540, 200_000, 0, 3,
    ];
    const messages = lengths.map((length) => randomBytes(length));
    const sent = Promise.all(messages.map((m) => writer.sendBytes(m)));
    for (const m of messages) expect((await reader.recvBytes()).equals(m)).toBe(true);
    await sent;
  });

  // 146 _TestPoll.test_strings
  law("polling before each message takes none and splits none", async () => {
    const texts = ["hello", "", "a", "b", "", "bye", "", "lop"];
    for (const text of texts) {
      const arrives = reader.poll(60_000);
      writer.sendBytesSync(Buffer.from(text));
      expect([await arrives, reader.pollSync(), await reader.poll(-1)]).toEqual([true, true, true]);
      expect(reader.recvBytesSync().toString()).toBe(text);
    }
    expect(reader.pollSync()).toBe(false);
  });

  // 148 _TestPoll.test_dont_merge
  law("messages that came together are polled for and received one by one", async () => {
    for (const text of ["a", "b", "", "cd"]) writer.sendBytesSync(Buffer.from(text));
    for (const text of ["a", "b", "", "cd"]) {
      expect([await reader.poll(60_000), reader.pollSync(), await reader.poll()]).toEqual([true, true, true]);
      expect(String(await reader.recvBytes())).toBe(text);
    }
    expect([reader.pollSync(), await reader.poll(1)]).toEqual([false, false]);
  });

  law("blocking and promise forms are served in the order of the calls", async () => {
    const first = reader.recv();
    const second = reader.recv();
    const big = writer.sendBytes(Buffer.alloc(1 << 20));
    const third = reader.recvBytes();
    const after = writer.send("after");
    first.catch(() => {});
    await expect(first).rejects.toThrow(coded("ERR_BAD_MESSAGE"));
    expect(await second).toBe("after");
    writer.sendSync(new Uint8Array([1]));
    await Promise.all([big, after]);
    expect(await third).toHaveLength((await third).length);
    for (const i of [1, 2, 3]) writer.sendSync(i);
    const waiting = [reader.recv(), reader.recv()];
    expect(reader.recvSync()).toBe(3);
    expect(await Promise.all(waiting)).toEqual([1, 2]);
  });

  law("a receive that gives up loses nothing, even in the middle of a message", async () => {
    const whole = randomBytes(300_000);
    const frame = Buffer.concat([Buffer.from([0, 4, 0x93, 0xe0]), whole]);
    const fd = writer.fileno();
    for (const cut of [2, 4, 50_000]) {
      await expect(reader.recvBytes(undefined, { timeout: 2 })).rejects.toThrow(coded("ERR_TIMEOUT"));
      expect(() => reader.recvBytesSync(undefined, { timeout: 2 })).toThrow(coded("ERR_TIMEOUT"));
      const stop = new AbortController();
      const given = reader.recvBytes(undefined, { signal: stop.signal });
      let at = 0;
      while (at < cut) at += Math.max(0, native.write(fd, frame, at, cut - at));
      await wait([reader]);
      stop.abort(new Error("enough"));
      await expect(given).rejects.toThrow("enough");
      expect(() => reader.recvBytesSync(undefined, { timeout: 2 })).toThrow(coded("ERR_TIMEOUT"));
      const rest = reader.recvBytes();
      while (at < frame.length) {
        at += Math.max(0, native.write(fd, frame, at, frame.length - at));
        await new Promise(setImmediate);
      }
      expect((await rest).equals(whole)).toBe(true);
    }
  });

  law("a send that gives up before its first byte leaves the stream whole; a started one is finished", async () => {
    const started = writer.sendBytes(randomBytes(8 << 20));
    const stop = new AbortController();
    const limited = writer.send("limited", { timeout: 2 });
    const cancelled = writer.send("cancelled", { signal: stop.signal });
    const kept = writer.send("kept");
    stop.abort(new Error("enough"));
    await expect(limited).rejects.toThrow(coded("ERR_TIMEOUT"));
    await expect(cancelled).rejects.toThrow("enough");
    expect(await reader.recvBytes()).toHaveLength(8 << 20);
    expect(await reader.recv()).toBe("kept");
    await Promise.all([started, kept]);
  });

  law("a value that cannot travel writes nothing", async () => {
    await expect(writer.send(() => {})).rejects.toThrow(coded("ERR_NOT_SERIALIZABLE"));
    expect(() => writer.sendSync({ deep: [Symbol("x")] })).toThrow(coded("ERR_NOT_SERIALIZABLE"));
    expect(reader.pollSync(5)).toBe(false);
    await writer.send("fine");
    expect(await reader.recv()).toBe("fine");
  });

  law("a message that holds no value is an error, and the next one is received", async () => {
    writer.sendBytesSync(Buffer.from([0xc1]));
    writer.sendSync("next");
    await expect(reader.recv()).rejects.toThrow(coded("ERR_BAD_MESSAGE"));
    expect(await reader.recv()).toBe("next");
  });

  law("a message longer than the receiver wants ends receiving", async () => {
    writer.sendBytesSync(Buffer.alloc(11));
    await expect(reader.recvBytes(10)).rejects.toThrow(coded("ERR_MESSAGE_TOO_LONG"));
    const code = reader.writable ? "ERR_NOT_READABLE" : "ERR_CLOSED";
    expect([reader.readable, reader.closed]).toEqual(reader.writable ? [false, false] : [true, true]);
    expect(() => reader.recvBytesSync()).toThrow(coded(code));
  });

  law("iterating receives everything up to the end", async () => {
    for (let i = 0; i < 100; i++) writer.sendSync(i);
    writer.close();
    const received: number[] = [];
    for await (const i of reader) received.push(i);
    expect(received).toEqual(Array.from({ length: 100 }, (_, i) => i));
  });

  law("an end in the middle of a message is an EOFError that says so", async () => {
    native.write(writer.fileno(), Buffer.from([0, 0, 0, 9, 1]), 0, 5);
    const waiting = reader.recv();
    writer.close();
    await expect(waiting).rejects.toThrow(/the other end closed in the middle of a message/);
    await expect(reader.recv()).rejects.toThrow(coded("ERR_EOF"));
    expect(() => reader.recvSync()).toThrow(coded("ERR_EOF"));
  });

  law("sending a connection says whether it can travel here", async () => {
    const [one, other] = Pipe();
    const attempt = writer.send({ one });
    if (kind === "a duplex pipe" || kind === "a unix socket") {
      await attempt;
      one.close();
      const { one: arrived } = await reader.recv();
      await arrived.send("through");
      expect(await other.recv()).toBe("through");
      arrived.close();
    } else {
      await expect(attempt).rejects.toThrow(coded("ERR_NOT_SERIALIZABLE"));
      expect(reader.pollSync()).toBe(false);
    }
    for (const c of [one, other]) c.close();
  });

  law("an endless stream does not keep the event loop from its other work", async () => {
    let ticks = 0;
    const timer = setInterval(() => ticks++, 1);
    const end = performance.now() + 60_000;
    while (ticks < 3 && performance.now() < end) {
      writer.sendSync("more");
      await reader.recv();
    }
    clearInterval(timer);
    expect(ticks).toBe(3);
  });
});
