/** What holds for every kind of connected stream socket, and with every patience. */
import { createHash, randomBytes } from "node:crypto";
import {
  BlockingIOError,
  BrokenPipeError,
  ConnectionResetError,
  type Data,
  EpollSelector,
  EVENT_READ,
  EVENT_WRITE,
  MSG_DONTWAIT,
  MSG_MORE,
  MSG_OOB,
  MSG_PEEK,
  MSG_TRUNC,
  MSG_WAITALL,
  PollSelector,
  SHUT_RD,
  SHUT_RDWR,
  SHUT_WR,
  Socket,
  type SocketAddress,
} from "@cordage/selectors";
import { thrownBy } from "@cordage/test-support";
import { describe, expect, test } from "@jest/globals";
import { ended, runWith } from "./support/beside.js";
import { arrived, coded, kinds, owned, patiences } from "./support/socket-kinds.js";

const sha = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** Receives so many bytes, however patient the socket is; a non-blocking one waits by a selector. */
function gather(socket: Socket, length: number): Buffer {
  using selector = new PollSelector();
  selector.register(socket, EVENT_READ);
  const parts: Buffer[] = [];
  for (let left = length; left > 0; ) {
    selector.select();
    const part = socket.recv(left);
    if (part.length === 0) throw new Error(`the end came ${left} bytes early`);
    parts.push(part);
    left -= part.length;
  }
  return Buffer.concat(parts);
}

/** Sends until it fails; how that failed. */
function sendUntilRefused(socket: Socket): any {
  return thrownBy(() => {
    for (;;) {
      socket.send("x");
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  });
}

describe.each(kinds)("over %s", (kind, connected) => {
  const tcp = kind.startsWith("TCP");
  const sender = (socket: Socket): SocketAddress => (tcp ? "" : socket.address());

  describe.each(patiences)("%s", (_patience, timeout) => {
    function pair(): [Socket, Socket] {
      const both = connected();
      for (const socket of both) socket.setTimeout(timeout);
      return both;
    }

    const sendable: Array<[string, Data, string]> = [
      ["text, as UTF-8", "größer € 😀", "größer € 😀"],
      ["a Buffer", Buffer.from("bytes"), "bytes"],
      ["a part of a typed array", new Uint16Array([0, 0x6261, 0]).subarray(1, 2), "ab"],
      ["a DataView", new DataView(Uint8Array.of(0, 104, 105, 0).buffer, 1, 2), "hi"],
      ["an ArrayBuffer", Uint8Array.of(111, 107).buffer, "ok"],
      ["a SharedArrayBuffer", new SharedArrayBuffer(2), "\0\0"],
    ];
    test.each(sendable)("%s arrives", (_what, data, text) => {
      const [ours, theirs] = pair();
      expect(ours.send(data)).toBe(Buffer.byteLength(text));
      expect(String(arrived(theirs).recv(1000))).toBe(text);
      theirs.sendAll(data);
      expect(String(arrived(ours).recv(1000))).toBe(text);
    });

    test("two megabytes go to another process and come back as they were, in pieces and whole", async () => {
      const [ours, theirs] = connected();
      const child = runWith("echo-socket.mjs", theirs);
      ours.setTimeout(timeout);
      const data = randomBytes(1 << 18);
      const back = createHash("sha256");
      for (let i = 0; i < 8; i++) {
        let sent = 0;
        using selector = new EpollSelector();
        selector.register(ours, EVENT_WRITE);
        while (sent < data.length) {
          selector.select();
          sent += ours.send(data.subarray(sent));
        }
        back.update(gather(ours, data.length));
      }
      ours.shutdown(SHUT_WR);
      expect(arrived(ours).recv(1).length).toBe(0);
      expect(back.digest("hex")).toBe(sha(Buffer.concat(Array(8).fill(data))));
      expect(await ended(child)).toBe(0);
    });

    test("recv takes no more than asked for, and no bytes at all without asking the kernel", () => {
      const [ours, theirs] = pair();
      expect([ours.recv(0).length, ours.recvInto(Buffer.alloc(0)), ours.recvInto(Buffer.alloc(9), 0)]).toEqual([
        0, 0, 0,
      ]);
      theirs.sendAll("hello");
      arrived(ours);
      expect([2, 1, 0, 10].map((size) => String(ours.recv(size)))).toEqual(["he", "l", "", "lo"]);
      expect(theirs.send("")).toBe(0);
      theirs.sendAll("");
      theirs.close();
      expect(arrived(ours).recv(0).length).toBe(0);
    });

    test("what recv returned is the caller's: no later call changes it", () => {
      const [ours, theirs] = pair();
      const kept = Array.from({ length: 20 }, (_, i) => {
        theirs.sendAll(String.fromCharCode(97 + i).repeat(1 + 400 * i));
        return arrived(ours).recv(100_000);
      });
      theirs.sendAll("!".repeat(9000));
      expect(String(gather(ours, 9000))).toBe("!".repeat(9000));
      expect(kept.map(String)).toEqual(kept.map((_, i) => String.fromCharCode(97 + i).repeat(1 + 400 * i)));
      for (const one of kept) one.fill(0);
      theirs.sendAll("?");
      expect(String(arrived(ours).recv(10))).toBe("?");
    });

    test("recvInto fills the caller's own bytes, wherever they lie, and nothing beside them", () => {
      const [ours, theirs] = pair();
      const bytes = Buffer.alloc(12, ".");
      const into = (...args: Parameters<Socket["recvInto"]>) => {
        theirs.sendAll("abcdefgh");
        const received = arrived(ours).recvInto(...args);
        gather(ours, 8 - received);
        return received;
      };
      expect([into(bytes.subarray(2, 5)), String(bytes)]).toEqual([3, "..abc......."]);
      expect([into(bytes.subarray(6), 2), String(bytes)]).toEqual([2, "..abc.ab...."]);
      const view = new DataView(new ArrayBuffer(10), 4, 3);
      expect([into(view), String(Buffer.from(view.buffer))]).toEqual([3, "\0\0\0\0abc\0\0\0"]);
      const words = new Uint32Array(3);
      expect([into(words.subarray(1, 2)), String(Buffer.from(words.buffer))]).toEqual([4, "\0\0\0\0abcd\0\0\0\0"]);
      const buffer = new ArrayBuffer(9);
      expect([into(buffer), String(Buffer.from(buffer))]).toEqual([8, "abcdefgh\0"]);
      theirs.sendAll("xyz");
      expect(arrived(ours).recvFromInto(bytes, 2)).toEqual([2, sender(theirs)]);
      expect([String(bytes), String(ours.recv(9))]).toEqual(["xyabc.ab....", "z"]);
    });

    test("recvFrom has the name of a unix stream's peer, where that has one, and none for TCP", () => {
      const [ours, theirs] = pair();
      theirs.sendAll("hello");
      const [data, address] = arrived(ours).recvFrom(100);
      expect([String(data), address]).toEqual(["hello", sender(theirs)]);
    });

    test("more than 64 KiB are received in one call, where they are there", () => {
      const [ours, theirs] = connected();
      ours.setOption("receiveBufferSize", 1 << 20);
      theirs.setOption("sendBufferSize", 1 << 20);
      const data = randomBytes(90_000);
      theirs.sendAll(data);
      ours.setTimeout(timeout);
      for (let there = 0; there < data.length; there = arrived(ours).recv(1 << 20, MSG_PEEK).length);
      const received = ours.recv(1 << 20);
      expect([received.length, sha(received)]).toEqual([90_000, sha(data)]);
      expect(received.buffer.byteLength).toBeLessThan(200_000);
    });

    test("MSG_PEEK takes nothing, MSG_DONTWAIT does not wait, MSG_TRUNC shows nobody else's bytes", () => {
      const [ours, theirs] = pair();
      expect(thrownBy(() => ours.recv(1, MSG_DONTWAIT))).toBeInstanceOf(BlockingIOError);
      expect(() => ours.recvInto(Buffer.alloc(1), 1, MSG_DONTWAIT)).toThrow(coded("EAGAIN"));
      expect(() => ours.recvFrom(1, MSG_DONTWAIT | MSG_WAITALL)).toThrow(coded("EAGAIN"));
      theirs.sendAll("a secret of somebody");
      gather(ours, 20);
      theirs.sendAll("abc");
      arrived(ours);
      expect([ours.recv(2, MSG_PEEK), ours.recv(9, MSG_PEEK | MSG_DONTWAIT)].map(String)).toEqual(["ab", "abc"]);
      expect(String(ours.recv(9, MSG_TRUNC))).toMatch(/^(abc|\0\0\0)$/);
      const much = Buffer.alloc(64 << 20);
      const full = thrownBy(() => theirs.sendAll(much, MSG_DONTWAIT));
      expect([full.code, full.bytesSent > 0]).toEqual(["EAGAIN", true]);
      const refused = thrownBy(() => {
        for (;;) theirs.send(much, MSG_DONTWAIT);
      });
      expect(refused).toBeInstanceOf(BlockingIOError);
    });

    test("MSG_WAITALL waits for as much as asked for, as far as the patience goes, or for the end", async () => {
      const [ours, theirs] = connected();
      const child = runWith("send-slowly.mjs", theirs, ["12", "5"]);
      ours.setTimeout(timeout);
      const first = arrived(ours).recv(30, MSG_WAITALL);
      if (timeout === 0) expect(first.length % 5).toBe(0);
      else {
        expect(first.length).toBe(30);
        expect(ours.recvInto(Buffer.alloc(25), 25, MSG_WAITALL)).toBe(25);
        expect(ours.recv(100, MSG_WAITALL).length).toBe(5);
      }
      expect(await ended(child)).toBe(0);
    });

    test("after the end nothing is received, again and again; what was sent before is", () => {
      const [ours, theirs] = pair();
      theirs.sendAll("last words");
      theirs.shutdown(SHUT_WR);
      expect(String(gather(ours, 10))).toBe("last words");
      arrived(ours);
      for (let i = 0; i < 3; i++) expect(ours.recv(10).length + ours.recvInto(Buffer.alloc(10))).toBe(0);
      ours.sendAll("and back");
      expect(String(arrived(theirs).recv(100))).toBe("and back");
    });

    test("shutdown ends one direction or both, and says so to whoever goes on", () => {
      const [ours, theirs] = pair();
      ours.shutdown(SHUT_WR);
      expect(thrownBy(() => ours.send("x"))).toBeInstanceOf(BrokenPipeError);
      theirs.sendAll("still");
      expect(String(arrived(ours).recv(9))).toBe("still");
      ours.shutdown(SHUT_RD);
      expect(ours.recv(9).length).toBe(0);
      theirs.shutdown(SHUT_RDWR);
      expect(() => theirs.sendAll("x")).toThrow(coded("EPIPE"));
      expect(() => ours.shutdown(3 as never)).toThrow(
        "cannot shut the socket down: how must be a whole number from 0 to 2, received 3",
      );
    });

    test("who sends to a peer that has closed gets EPIPE or ECONNRESET, and no signal", () => {
      const signals: string[] = [];
      const note = (signal: string) => signals.push(signal);
      process.on("SIGPIPE", note);
      const [ours, theirs] = pair();
      theirs.close();
      const error = sendUntilRefused(ours);
      expect([BrokenPipeError, ConnectionResetError].some((Class) => error instanceof Class)).toBe(true);
      expect(error).toMatchObject({ syscall: "sendto", code: expect.stringMatching(/^(EPIPE|ECONNRESET)$/) });
      expect(sendUntilRefused(ours)).toMatchObject({ name: "BrokenPipeError", code: "EPIPE", errno: -32 });
      expect(thrownBy(() => ours.sendAll("more"))).toMatchObject({ code: "EPIPE", bytesSent: 0 });
      process.off("SIGPIPE", note);
      expect(signals).toEqual([]);
    });

    test("a peer that closes without reading resets the connection", () => {
      const [ours, theirs] = pair();
      ours.sendAll("unread");
      arrived(theirs);
      if (tcp) theirs.setOption("linger", 0);
      theirs.close();
      const error = thrownBy(() => arrived(ours).recv(9));
      expect(error).toBeInstanceOf(ConnectionResetError);
      expect(error).toMatchObject({ code: "ECONNRESET", errno: -104, syscall: "recvfrom" });
      expect(error.message).toBe(
        "cannot receive from the socket: recvfrom failed with ECONNRESET (the peer has ended the connection)",
      );
    });

    test("a copy is the same connection, with the same patience, and each is closed by itself", () => {
      const [ours, theirs] = pair();
      const copy = owned(ours.dup());
      expect([copy.family, copy.type, copy.getTimeout()]).toEqual([ours.family, ours.type, timeout]);
      expect([copy.address(), copy.peerAddress()]).toEqual([ours.address(), ours.peerAddress()]);
      expect(copy.fileno()).not.toBe(ours.fileno());
      theirs.sendAll("one");
      expect(String(arrived(copy).recv(9))).toBe("one");
      ours.close();
      theirs.sendAll("two");
      expect(String(arrived(copy).recv(9))).toBe("two");
      copy.close();
      expect(arrived(theirs).recv(9).length).toBe(0);
    });

    test("the patience of a copy is its own, though both have one open file", () => {
      const [ours, theirs] = pair();
      const copy = owned(ours.dup());
      copy.setTimeout(0);
      ours.setTimeout(null);
      expect(() => copy.recv(1)).toThrow(coded("EAGAIN"));
      copy.setTimeout(5);
      expect(() => copy.recv(1)).toThrow(coded("ERR_TIMEOUT"));
      expect([ours.getTimeout(), copy.getTimeout()]).toEqual([null, 5]);
      theirs.sendAll("x");
      expect(String(ours.recv(9))).toBe("x");
    });

    test("a descriptor that was detached is open, and another socket takes it over as it is", () => {
      const [ours, theirs] = pair();
      const fd = ours.detach();
      expect([ours.closed, ours.fileno(), ours.detach()]).toEqual([true, -1, -1]);
      const again = owned(new Socket({ fileno: fd }));
      expect([again.fileno(), again.family, again.type]).toEqual([fd, theirs.family, "stream"]);
      expect(again.getTimeout()).toBe(timeout === null ? null : 0);
      again.sendAll("through");
      expect(String(arrived(theirs).recv(9))).toBe("through");
    });

    test("closing twice does nothing, and every use after it is an error that says so", async () => {
      const [ours] = pair();
      ours.close();
      ours.close();
      ours[Symbol.dispose]();
      await ours[Symbol.asyncDispose]();
      expect([ours.closed, ours.fileno(), ours.detach()]).toEqual([true, -1, -1]);
      const address = ours.family === "unix" ? "\0x" : ours.family === "inet" ? "127.0.0.1:1" : "[::1]:1";
      const uses: Array<[string, () => unknown]> = [
        ["bind the socket", () => ours.bind(address)],
        ["listen", () => ours.listen()],
        ["accept a connection", () => ours.accept()],
        ["connect the socket", () => ours.connect(address)],
        ["connect the socket", () => ours.connectEx(address)],
        ...[0, 1, 100_000].map((size): [string, () => unknown] => ["receive from the socket", () => ours.recv(size)]),
        ["receive from the socket", () => ours.recvInto(Buffer.alloc(1))],
        ["receive from the socket", () => ours.recvFrom(1)],
        ["receive from the socket", () => ours.recvFromInto(Buffer.alloc(1))],
        ["send to the socket", () => ours.send("")],
        ["send to the socket", () => ours.sendAll("x")],
        ["send to the socket", () => ours.sendAll("")],
        ["send to the socket", () => ours.sendTo("x", address)],
        ["shut the socket down", () => ours.shutdown(SHUT_RDWR)],
        ["set how long the socket waits", () => ours.setTimeout(1)],
        ["set how long the socket waits", () => ours.setBlocking(true)],
        ["read an option of the socket", () => ours.getOption("error")],
        ["read an option of the socket", () => ours.getOption(1, 4)],
        ["set an option of the socket", () => ours.setOption("keepAlive", true)],
        ["set an option of the socket", () => ours.setOption(1, 9, 1)],
        ["give the address", () => ours.address()],
        ["give the peer's address", () => ours.peerAddress()],
        ["duplicate the socket", () => ours.dup()],
      ];
      for (const [doing, use] of uses)
        expect(thrownBy(use)).toMatchObject({
          name: "SelectorError",
          code: "ERR_CLOSED",
          message: `cannot ${doing}: the socket is closed`,
        });
      expect([ours.getTimeout(), ours.getBlocking()]).toEqual([timeout, timeout !== 0]);
      expect(String(ours)).toBe(`<Socket fd=-1 closed family=${ours.family} type=stream>`);
    });
  });

  test("a timeout ends waiting to receive, and nothing is lost by it", () => {
    const [ours, theirs] = connected();
    ours.setTimeout(10);
    for (const wait of [() => ours.recv(1), () => ours.recvInto(Buffer.alloc(1)), () => ours.recvFrom(1)]) {
      const began = performance.now();
      expect(thrownBy(wait)).toMatchObject({
        name: "TimeoutError",
        code: "ERR_TIMEOUT",
        message: "cannot receive from the socket: the timeout passed first",
      });
      expect(performance.now() - began).toBeGreaterThanOrEqual(9);
    }
    theirs.sendAll("abc");
    expect(String(arrived(ours).recv(5, MSG_WAITALL))).toBe("abc");
    expect(() => ours.recv(5, MSG_WAITALL)).toThrow(coded("ERR_TIMEOUT"));
    theirs.sendAll("late");
    expect(String(arrived(ours).recv(9))).toBe("late");
  });

  test("sendAll that runs out of time, or of room, says how much it has sent", () => {
    const [ours, theirs] = connected();
    const data = randomBytes(32 << 20);
    ours.setTimeout(20);
    const late = thrownBy(() => ours.sendAll(data));
    expect(late).toMatchObject({ name: "TimeoutError", code: "ERR_TIMEOUT" });
    expect(late.bytesSent).toBeGreaterThan(0);
    expect(gather(theirs, late.bytesSent).equals(data.subarray(0, late.bytesSent))).toBe(true);
    ours.setBlocking(false);
    const full = thrownBy(() => ours.sendAll(data));
    expect(full).toBeInstanceOf(BlockingIOError);
    expect(gather(theirs, full.bytesSent).equals(data.subarray(0, full.bytesSent))).toBe(true);
    theirs.setBlocking(false);
    expect(() => theirs.recv(1)).toThrow(coded("EAGAIN"));
    expect(thrownBy(() => ours.send(5 as never))).not.toHaveProperty("bytesSent");
  });

  test("an error that ends MSG_WAITALL early comes with the next call", () => {
    const [ours, theirs] = connected();
    ours.setTimeout(50_000);
    ours.sendAll("unread");
    theirs.sendAll("abc");
    for (const socket of [ours, theirs]) arrived(socket);
    if (tcp) theirs.setOption("linger", 0);
    theirs.close();
    const first = thrownBy(() => {
      for (;;) if (ours.recv(9, MSG_WAITALL).length === 0) throw new Error("an end instead of an error");
    });
    expect(first).toMatchObject({ code: "ECONNRESET" });
  });

  if (tcp)
    test("a byte out of band passes what is on its way, and MSG_MORE lets more come along", () => {
      const [ours, theirs] = connected();
      theirs.sendAll("abc");
      theirs.send("!", MSG_OOB);
      expect([String(gather(ours, 3)), String(ours.recv(1, MSG_OOB))]).toEqual(["abc", "!"]);
      theirs.send("one, ", MSG_MORE);
      theirs.send("two");
      expect(String(arrived(ours).recv(100))).toBe("one, two");
    });

  test("registered and then closed: who unregisters first has no trouble, and the end wakes the peer", () => {
    const [ours, theirs] = connected();
    using selector = new EpollSelector();
    selector.register(ours, EVENT_READ);
    selector.register(theirs, EVENT_READ);
    selector.unregister(ours);
    ours.close();
    expect(selector.select().map(([key, events]) => [key.fileobj === theirs, events])).toEqual([[true, EVENT_READ]]);
    expect(theirs.recv(1).length).toBe(0);
    theirs.close();
    expect(selector.unregister(theirs).fileobj).toBe(theirs);
    expect(() => selector.register(ours, EVENT_READ)).toThrow(coded("ERR_OUT_OF_RANGE"));
  });
});
