/** What blocks a thread, and what ends that: not a signal, but the end of the thread. */
import { type Address, createConnection, createServer, type Socket, socketpair } from "@cordage/selectors";
import { reportOf } from "@cordage/test-support";
import { describe, expect, test } from "@jest/globals";
import { startWith } from "./support/beside.js";
import { report, start } from "./support/fixture.js";
import { interrupt } from "./support/interrupt.js";
import { freshName, freshPath, listening, owned } from "./support/socket-kinds.js";

const patiences: Array<[string, number | null]> = [
  ["blocking", null],
  ["with a timeout", 60_000],
];

describe.each(patiences)("signals do not end a wait (%s)", (_patience, timeout) => {
  test.each(["recv", "recvAll", "recvInto", "recvFrom"])("in %s", async (call) => {
    const [ours, theirs] = socketpair() as [Socket, Socket];
    const waiting = startWith("wait-through-signals.mjs", theirs, [call, String(timeout)]);
    expect(await waiting.line()).toBe("waiting");
    await interrupt(waiting.child, "SIGUSR1", 5);
    owned(ours).sendAll("hello");
    expect(await reportOf(waiting)).toEqual(["hello", true]);
  });

  test("in sendAll", async () => {
    const [ours, theirs] = socketpair() as [Socket, Socket];
    const waiting = startWith("wait-through-signals.mjs", theirs, ["sendAll", String(timeout)]);
    expect(await waiting.line()).toBe("waiting");
    await interrupt(waiting.child, "SIGUSR1", 5);
    let received = 0;
    for (let data = owned(ours).recv(1 << 16); data.length > 0; data = ours.recv(1 << 16)) {
      received += data.length;
      if (received === 8 << 20) break;
    }
    expect([received, await reportOf(waiting)]).toEqual([8 << 20, ["hello", true]]);
  });

  test.each(listening)("in accept, %s", async (_kind, address) => {
    const server = createServer(address());
    const where = server.address();
    const waiting = startWith("wait-through-signals.mjs", server, ["accept", String(timeout)]);
    expect(await waiting.line()).toBe("waiting");
    await interrupt(waiting.child, "SIGUSR1", 5);
    owned(createConnection(where)).sendAll("hello");
    expect(await reportOf(waiting)).toEqual(["hello", true]);
  });
});

const connects: Array<[string, string, () => Address]> = ["unlimited", "limited"].flatMap((limit) => [
  [limit, "TCP", () => ["127.0.0.1", 0]],
  [limit, "a unix path", freshPath],
  [limit, "an abstract name", freshName],
]);
test.each(connects)(
  "signals do not end waiting to connect (the kernel's time %s), to %s",
  async (limit, _kind, address) => {
    const server = owned(createServer(address(), { backlog: 0 }));
    owned(createConnection(server.address()));
    const waiting = start("connect-through-signals.mjs", [JSON.stringify(server.address()), server.family, limit]);
    expect(await waiting.line()).toBe("waiting");
    await interrupt(waiting.child, "SIGUSR1", 5);
    owned(server.accept()[0]);
    expect(String(owned(server.accept()[0]).recv(100))).toBe("hello");
    expect(await reportOf(waiting)).toEqual([server.address(), true]);
  },
);

test("a thread that blocks in a call of a socket can be terminated, and its sockets are closed", async () => {
  const { ended, left } = await report("terminate-blocked-sockets.mjs");
  const names = ["recv", "recvAll", "recvFrom", "sendAll", "accept", "connect", "connectUnix"];
  expect(ended).toEqual(Object.fromEntries(names.map((name) => [name, 1])));
  expect(left).toEqual([]);
});

test("on a thread a socket is as it is elsewhere, and one that was detached there outlives it", async () => {
  expect(await report("sockets-of-a-thread.mjs")).toEqual({
    refused: "EAGAIN",
    all: "abcdefg",
    timeout: null,
    given: [null, "given"],
  });
});

test("without a descriptor left nothing is made, and nothing is lost: afterwards it works", async () => {
  const [without, after] = await report("exhaust-sockets.mjs", [], { first: "ulimit -n 64" });
  const advice = "this process has no descriptor left (ulimit -n); close what is not needed or raise the limit";
  const failed = (doing: string, syscall: string) => ({
    name: "SystemError",
    code: "EMFILE",
    syscall,
    message: `cannot ${doing}: ${syscall} failed with EMFILE (${advice})`,
  });
  expect(without).toEqual([
    failed("make a socket", "socket"),
    failed("accept a connection", "accept4"),
    failed("duplicate the socket", "fcntl"),
    failed("call socketpair", "socketpair"),
    failed("make a socket", "socket"),
    failed("make a socket", "socket"),
  ]);
  expect(after).toEqual(Array(6).fill(true));
});

test("sockets that are dropped are closed when they are collected", async () => {
  expect(await report("drop-sockets.mjs", [], { flags: ["--expose-gc"] })).toEqual({ dropped: true, left: 0 });
});

test("recvInto allocates nothing", async () => {
  for (const bytes of await report("receive-into.mjs", [], { flags: ["--expose-gc"] })) expect(bytes).toBeLessThan(8);
});
