import { randomBytes } from "node:crypto";
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { BufferTooShort, Connection, EOFError, Pipe } from "@cordage/ipc";
import { receiveDescriptor, receiveDescriptorSync, sendDescriptor, sendDescriptorSync } from "@cordage/ipc/sys";
import { newFiles } from "@cordage/test-support";
import { afterAll, describe, expect, test } from "@jest/globals";
import { ended, runWith } from "../support/connection-children.js";
import { run } from "../support/fixture.js";

const opened = newFiles();
afterAll(() => expect(opened()).toEqual([]));
const coded = (code: string) => expect.objectContaining({ code });
/** In one message, than any socket holds. */
const MORE_THAN_FITS = 16 << 20;

/** A child that echoes, and our end. */
async function withEcho(kind: "values" | "bytes", form: "sync" | "promise", use: (c: Connection) => Promise<void>) {
  const [ours, theirs] = Pipe();
  const child = runWith("echo-connection.mjs", [theirs], [kind, form]);
  try {
    await use(ours);
  } finally {
    ours.close();
    expect(await ended(child)).toBe(0);
  }
}

// 130 _TestConnection.test_connection, 132 test_spawn_close: our copy of the child's end is closed at once
describe.each(["sync", "promise"] as const)("a child that echoes in %s form", (form) => {
  test("sends every value back", () =>
    withEcho("values", form, async (c) => {
      for (const value of [[1, 2.5, null], undefined, null, "", "x".repeat(100_000), { a: new Map([[1, 2n]]) }]) {
        await c.send(value);
        expect(await c.recv()).toEqual(value);
        c.sendSync(value);
        expect(c.recvSync()).toEqual(value);
      }
    }));

  test("sends bytes of every size back, neither merged nor split", () =>
    withEcho("bytes", form, async (c) => {
      for (const size of [0, 1, 3, 8191, 8192, 8193, 16384, 65535, 65536, 65537, 1 << 20]) {
        const bytes = randomBytes(size);
        c.sendBytes(bytes);
        expect((await c.recvBytes()).equals(bytes)).toBe(true);
        const received = c.recvBytes(size);
        await c.sendBytes(bytes);
        expect((await received).equals(bytes)).toBe(true);
      }
      const views = new Uint16Array([1, 2, 3]);
      c.sendBytesSync(views);
      expect([...c.recvBytesSync()]).toEqual([...new Uint8Array(views.buffer)]);
      c.sendBytesSync(Buffer.from("abcdef"), 2);
      c.sendBytesSync(Buffer.from("abcdef"), 2, 3);
      c.sendBytesSync(Buffer.from("abcdef"), 6);
      expect([c.recvBytesSync(), c.recvBytesSync(), c.recvBytesSync()].map(String)).toEqual(["cdef", "cde", ""]);
    }));

  test("sends a message of 16 MiB back", () =>
    withEcho("bytes", form, async (c) => {
      const bytes = randomBytes(16 << 20);
      const received = c.recvBytes();
      await c.sendBytes(bytes);
      expect((await received).equals(bytes)).toBe(true);
    }));

  test("keeps the order of calls that were made at once", () =>
    withEcho("values", form, async (c) => {
      const numbers = Array.from({ length: 500 }, (_, i) => i);
      const received = numbers.map(() => c.recv());
      const sent = numbers.map((n) => c.send([n, "x".repeat((n * 37) % 3000)]));
      await Promise.all(sent);
      expect((await Promise.all(received)).map(([n]) => n)).toEqual(numbers);
    }));
});

// 133 _TestConnection.test_sendbytes
test("any slice of bytes is sent, and none that reaches beyond them", async () => {
  const [one, other] = Pipe();
  const letters = Buffer.from("abcdefghijklmnopqrstuvwxyz");
  const slices: [number?, number?][] = [[], [5], [7, 8], [26], [26, 0], [0, 0]];
  for (const [offset, size] of slices) {
    one.sendBytesSync(letters, offset, size);
    expect(String(other.recvBytesSync())).toBe(letters.toString().substr(offset ?? 0, size));
  }
  const beyond: [number, number?][] = [[27], [22, 5], [26, 1], [-1], [4, -1], [0.5], [1, 0.5]];
  for (const [offset, size] of beyond) {
    expect(() => one.sendBytesSync(letters, offset, size)).toThrow(coded("ERR_OUT_OF_RANGE"));
    await expect(one.sendBytes(letters, offset, size)).rejects.toThrow(coded("ERR_OUT_OF_RANGE"));
  }
  expect(other.pollSync()).toBe(false);
  one.close();
  other.close();
});

test("bytes are received into a buffer, and too short a buffer loses nothing", async () => {
  const [one, other] = Pipe();
  const buffer = Buffer.alloc(10);
  await one.sendBytes(Buffer.from("hello"));
  expect(await other.recvBytesInto(buffer)).toBe(5);
  one.sendBytesSync(Buffer.from("world"));
  expect(other.recvBytesIntoSync(buffer, 5)).toBe(5);
  expect(buffer.toString()).toBe("helloworld");
  one.sendBytesSync(Buffer.from("longer than that"));
  const short = (await other.recvBytesInto(buffer, 4).catch((e) => e)) as BufferTooShort;
  expect(short).toBeInstanceOf(BufferTooShort);
  expect(short.data.toString()).toBe("longer than that");
  await expect(other.recvBytesInto(buffer, 11)).rejects.toThrow(coded("ERR_OUT_OF_RANGE"));
  expect(() => other.recvBytesIntoSync(buffer, -1)).toThrow(coded("ERR_OUT_OF_RANGE"));
  one.close();
  other.close();
});

test("poll says whether something can be received, and takes nothing", async () => {
  const [one, other] = Pipe();
  expect([other.pollSync(), other.pollSync(-1), await other.poll(), await other.poll(-1)]).toEqual(
    Array(4).fill(false),
  );
  const began = performance.now();
  expect([other.pollSync(30), await other.poll(30)]).toEqual([false, false]);
  expect(performance.now() - began).toBeGreaterThan(55);
  const later = other.poll(60_000);
  one.sendSync("x");
  expect(await later).toBe(true);
  expect([other.pollSync(), await other.poll(-1), await other.poll(60_000), other.pollSync(60_000)]).toEqual(
    Array(4).fill(true),
  );
  one.sendSync("y");
  expect(other.recvSync()).toBe("x");
  expect([other.pollSync(), await other.poll(5)]).toEqual([true, true]); // read ahead, no longer in the kernel
  expect(other.recvSync()).toBe("y");
  expect(other.pollSync()).toBe(false);
  one.close();
  expect([other.pollSync(), await other.poll()]).toEqual([true, true]); // the end can be received
  other.close();
});

// 145 _TestPoll.test_empty_string
test("polling does not consume an empty message", async () => {
  const [one, other] = Pipe();
  one.sendBytesSync(Buffer.alloc(0));
  expect([other.pollSync(), other.pollSync(), await other.poll()]).toEqual([true, true, true]);
  expect(other.recvBytesSync()).toHaveLength(0);
  one.close();
  other.close();
});

test.each(["closed", "dropped by a killed process"])(
  "after the other end is %s, what it sent comes first, then EOFError",
  async (how) => {
    const [one, other] = Pipe();
    if (how === "closed") {
      one.sendSync("last");
      one.close();
    } else {
      const child = runWith("echo-connection.mjs", [one], ["values", "sync"]);
      other.sendSync("last");
      await other.poll(60_000);
      child.kill("SIGKILL");
      expect(await ended(child)).toBe("SIGKILL");
    }
    expect(await other.recv()).toBe("last");
    await expect(other.recv()).rejects.toThrow(EOFError);
    expect(() => other.recvSync()).toThrow(EOFError);
    await expect(other.recvBytes()).rejects.toThrow(coded("ERR_EOF"));
    expect(() => other.sendSync(1)).toThrow(expect.objectContaining({ code: "EPIPE", syscall: "write" }));
    await expect(other.send(1)).rejects.toThrow(coded("EPIPE"));
    other.close();
  },
);

// 203 TestIgnoreEINTR.test_ignore
test("signals end no receiving and no sending that block", async () => {
  const [ours, theirs] = Pipe();
  const child = runWith("echo-through-signals.mjs", [theirs], [String(MORE_THAN_FITS)]);
  expect(await ours.recv()).toBe("ready");
  for (let i = 0; i < 20; i++) child.kill("SIGUSR2");
  await ours.send(1234);
  expect(await ours.recv()).toBe(1234);
  expect(await ours.poll(60_000)).toBe(true); // it sends, and nobody receives
  for (let i = 0; i < 20; i++) child.kill("SIGUSR2");
  expect(await ours.recvBytes()).toHaveLength(MORE_THAN_FITS);
  expect(await ended(child)).toBe(0);
  ours.close();
});

test("both ends of a duplex pipe send and receive, and have a descriptor", () => {
  const [one, other] = Pipe();
  expect([one, other].map((c) => [c.readable, c.writable, Number.isInteger(c.fileno())])).toEqual([
    [true, true, true],
    [true, true, true],
  ]);
  one.close();
  other.close();
});

// 131 _TestConnection.test_duplex_false
test("the ends of a one-way pipe refuse the other direction", async () => {
  const [reader, writer] = Pipe({ duplex: false });
  expect([reader.readable, reader.writable, writer.readable, writer.writable]).toEqual([true, false, false, true]);
  await writer.send(1);
  expect(await reader.recv()).toBe(1);
  await expect(reader.send(1)).rejects.toThrow(coded("ERR_NOT_WRITABLE"));
  expect(() => reader.sendBytesSync(Buffer.alloc(1))).toThrow(coded("ERR_NOT_WRITABLE"));
  await expect(writer.recv()).rejects.toThrow(coded("ERR_NOT_READABLE"));
  await expect(writer.poll()).rejects.toThrow(coded("ERR_NOT_READABLE"));
  expect(() => writer.pollSync()).toThrow(coded("ERR_NOT_READABLE"));
  reader.close();
  expect(() => writer.sendSync(1)).toThrow(coded("EPIPE"));
  writer.close();
});

// 137 _TestConnection.test_context
test("a connection is disposable, and refuses everything once closed", async () => {
  const [one, other] = Pipe();
  {
    using a = one;
    await using b = other;
    expect([a.closed, b.closed]).toEqual([false, false]);
  }
  expect([one.closed, other.closed]).toEqual([true, true]);
  one.close();
  await expect(one.recv()).rejects.toThrow(/cannot receive from the connection: handle is closed/);
  expect(() => one.sendSync(1)).toThrow(coded("ERR_CLOSED"));
  expect(() => one.fileno()).toThrow(coded("ERR_CLOSED"));
  await expect(one.poll()).rejects.toThrow(coded("ERR_CLOSED"));
});

test("closing rejects whoever waits", async () => {
  const [one, other] = Pipe();
  const waiting = [
    one.recv(),
    one.recvBytes(),
    one.poll(60_000),
    one.sendBytes(Buffer.alloc(4 << 20)),
    one.send("queued"),
  ];
  const settled = Promise.allSettled(waiting);
  one.close();
  for (const { status, reason } of (await settled) as PromiseRejectedResult[])
    expect([status, reason.code]).toEqual(["rejected", "ERR_CLOSED"]);
  other.close();
});

// 134 _TestConnection.test_fd_transfer, 136 test_missing_fd_transfer
test("an open file travels through a connection", async () => {
  const folder = mkdtempSync(path.join(tmpdir(), "cordage-"));
  const file = openSync(path.join(folder, "out"), "w");
  const [ours, theirs] = Pipe();
  const child = runWith("write-to-received-file.mjs", [theirs]);
  await sendDescriptor(ours, file);
  sendDescriptorSync(ours, file);
  closeSync(file);
  expect(await ended(child)).toBe(0);
  expect(readFileSync(path.join(folder, "out"), "utf8")).toBe("promise sync ");
  ours.close();
  rmSync(folder, { recursive: true });
});

test("an ordinary message where a descriptor is expected is an error with a code", async () => {
  const [one, other] = Pipe();
  one.sendSync(1);
  one.sendSync(2);
  await expect(receiveDescriptor(other)).rejects.toThrow(coded("ERR_NO_DESCRIPTOR"));
  expect(() => receiveDescriptorSync(other)).toThrow(coded("ERR_NO_DESCRIPTOR"));
  const [reader, writer] = Pipe({ duplex: false });
  await expect(sendDescriptor(writer, 0)).rejects.toThrow(coded("ERR_DESCRIPTOR_NOT_CARRIED"));
  for (const c of [one, other, reader, writer]) c.close();
});

// 179 TestInvalidHandle.test_invalid_handles
test("a number that is no descriptor is refused", () => {
  expect(() => new Connection(-1)).toThrow(coded("ERR_OUT_OF_RANGE"));
  expect(() => new Connection(1.5)).toThrow(coded("ERR_OUT_OF_RANGE"));
  expect(() => new Connection(44_977_608)).toThrow(coded("EBADF"));
  expect(() => new Connection("3" as never)).toThrow(coded("ERR_INVALID_ARG_TYPE"));
});

test("a thread that blocks can be terminated", async () => {
  const ends = ["recvSync 1", "pollSync 1", "waitSync 1", "acceptSync 1", ""].join("\n");
  expect(await run("terminate-blocked-threads.mjs")).toMatchObject({ code: 0, stdout: ends, stderr: "" });
});
