/** Sockets that block the greenlet. */
import { idle, run, sleep, socket, spawn, Timeout, wait, withTimeout } from "@cordage/gevent";
import { newFiles, thrownBy } from "@cordage/test-support";
import { afterEach, describe, expect, test } from "@jest/globals";

const open: Array<{ close(): void }> = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
});

/** Closed after the test. */
function owned<T extends { close(): void }>(one: T): T {
  open.push(one);
  return one;
}

const listening = () => owned(socket.createServer(["127.0.0.1", 0]));

/** Two ends of a TCP connection. */
function connection(): [socket.Socket, socket.Socket] {
  const server = listening();
  const client = owned(socket.createConnection(server.address()));
  const [accepted] = server.accept();
  return [client, owned(accepted)];
}

const green = (name: string, fn: () => void) => test(name, () => run(fn));

function all(from: socket.Socket): Buffer {
  const parts: Buffer[] = [];
  for (let part = from.recv(65_536); part.length > 0; part = from.recv(65_536)) parts.push(part);
  return Buffer.concat(parts);
}

describe("sendAll", () => {
  // 264 TestTCP.test_sendall_array
  green("takes bytes of any kind", () => {
    const [client, server] = connection();
    for (const bytes of [Uint16Array.of(1, 2, 3), Buffer.from("text"), new Uint8Array([9]).buffer])
      client.sendAll(bytes);
    client.close();
    expect([...all(server)]).toEqual([1, 0, 2, 0, 3, 0, ...Buffer.from("text"), 9]);
  });

  // 265 TestTCP.test_sendall_empty, 266 TestTCP.test_sendall_empty_with_timeout
  green("of nothing is fine, with a timeout too", () => {
    const [client, server] = connection();
    client.sendAll("");
    client.setTimeout(1000);
    client.sendAll("");
    client.close();
    expect(all(server).length).toBe(0);
  });

  // 267 TestTCP.test_sendall_nonblocking
  green("with a timeout of 0 tries once", () => {
    const [client, server] = connection();
    client.setTimeout(0);
    client.sendAll("now");
    expect(String(server.recv(10))).toBe("now");
  });

  // 271 TestTCP.test_sendall_timeout
  green("to somebody who does not read is a timeout, and says how much it sent", () => {
    const [client] = connection();
    client.setTimeout(20);
    const error = thrownBy(() => client.sendAll(Buffer.alloc(50_000_000)));
    expect(error).toMatchObject({ code: "ERR_TIMEOUT", bytesSent: expect.any(Number) });
    expect(error.bytesSent).toBeGreaterThan(0);
    expect(error.bytesSent).toBeLessThan(50_000_000);
  });

  green("that is interrupted throws what was thrown into the greenlet, frozen or not", () => {
    const [client] = connection();
    const bytes = Buffer.alloc(50_000_000);
    const [open, frozen] = [new Timeout(5), Object.freeze(new Error("frozen"))];
    expect(thrownBy(() => open.run(() => client.sendAll(bytes)))).toBe(open);
    expect(open).toMatchObject({ bytesSent: expect.any(Number) });
    const sender = spawn(() => thrownBy(() => client.sendAll(bytes)));
    sleep(0);
    sender.kill(frozen);
    expect(sender.value).toBe(frozen);
  });

  green("of more than fits goes on when there is room, while others run", () => {
    const [client, server] = connection();
    const bytes = Buffer.alloc(8_000_000, "0123456789");
    const sender = spawn(() => {
      client.sendAll(bytes);
      client.close();
    });
    const received = all(server);
    sender.get();
    expect(received.equals(bytes)).toBe(true);
  });
});

describe("recv", () => {
  // 270 TestTCP.test_recv_timeout
  green("in vain is a timeout", () => {
    const [client] = connection();
    client.setTimeout(20);
    expect(thrownBy(() => client.recv(10))).toMatchObject({ code: "ERR_TIMEOUT" });
  });

  green("with a timeout of 0 throws BlockingIOError", () => {
    const [client] = connection();
    client.setTimeout(0);
    expect(thrownBy(() => client.recv(10))).toMatchObject({ name: "BlockingIOError", code: "EAGAIN" });
  });

  // 291 Test(socket_close).test_recv_twice
  green("of two greenlets at the same time is an error of the second, and the first one gets what comes", () => {
    const [client, server] = connection();
    const first = spawn(() => String(client.recv(10)));
    sleep(0);
    expect(thrownBy(() => client.recv(10))).toMatchObject({ code: "ERR_CONCURRENT_USE" });
    server.sendAll("whole");
    expect(first.get()).toBe("whole");
  });

  // 290 Test(socket_close).test_recv_closed, 269 TestTCP.test_fullduplex
  green("of a socket that is closed meanwhile is an error", () => {
    const [client] = connection();
    const reader = spawn(() => thrownBy(() => client.recv(10)));
    sleep(0);
    client.close();
    expect(reader.get()).toMatchObject({ code: "EBADF" });
    expect(thrownBy(() => client.recv(10))).toMatchObject({ code: "ERR_CLOSED" });
  });

  // 269 TestTCP.test_fullduplex
  green("and sendAll go on at the same time", () => {
    const [client, server] = connection();
    const bytes = Buffer.alloc(3_000_000, "abc");
    const both = [client, server].map((end) => {
      spawn(() => {
        end.sendAll(bytes);
        end.shutdown(socket.SHUT_WR);
      });
      return spawn(() => all(end).equals(bytes));
    });
    expect(both.map((one) => one.get())).toEqual([true, true]);
  });

  green("of a peer that resets the connection is ECONNRESET", () => {
    const [client, server] = connection();
    server.setOption("linger", 0);
    const reader = spawn(() => thrownBy(() => client.recv(10)));
    sleep(0);
    server.close();
    expect(reader.get()).toMatchObject({ name: "ConnectionResetError", code: "ECONNRESET" });
  });

  green("is interrupted by a Timeout, and loses nothing by it", () => {
    const [client, server] = connection();
    const timeout = new Timeout(5);
    expect(thrownBy(() => timeout.run(() => client.recv(10)))).toBe(timeout);
    server.sendAll("later");
    expect(String(client.recv(10))).toBe("later");
  });

  green("refuses wrong arguments at once, also where nothing is there", () => {
    const [client] = connection();
    const wrong: Array<[string, () => unknown]> = [
      ...["abc", "5", null, undefined].map((size): [string, () => unknown] => [
        "ERR_INVALID_ARG_TYPE",
        () => client.recv(size as never),
      ]),
      ["ERR_OUT_OF_RANGE", () => client.recv(-1)],
      ["ERR_OUT_OF_RANGE", () => client.recv(Number.NaN)],
      ["ERR_OUT_OF_RANGE", () => client.recv(1.5)],
      ["ERR_OUT_OF_RANGE", () => client.recv(2 ** 40)],
      ["ERR_INVALID_ARG_TYPE", () => client.recv(1, "flags" as never)],
      ["ERR_INVALID_ARG_TYPE", () => client.recvInto("foo" as never)],
      ["ERR_INVALID_ARG_TYPE", () => client.recvInto(Buffer.alloc(4), "4" as never)],
      ["ERR_OUT_OF_RANGE", () => client.recvInto(Buffer.alloc(4), 5)],
    ];
    for (const [code, call] of wrong) expect(thrownBy(() => withTimeout(1000, call))).toMatchObject({ code });
  });

  green("of nothing is nothing, at once", () => {
    const [client, server] = connection();
    expect([client.recv(0).length, client.recvInto(Buffer.alloc(0)), client.recvInto(Buffer.alloc(4), 0)]).toEqual([
      0, 0, 0,
    ]);
    server.sendAll("later");
    expect(String(client.recv(10))).toBe("later");
  });

  // 75 Test(api).test_invalid_switch_None
  green("refuses a switch of somebody else", () => {
    const [client] = connection();
    const reader = spawn(() => thrownBy(() => client.recv(10)));
    sleep(0);
    spawn(() => reader.switch("not for you"));
    expect(reader.get()).toMatchObject({ code: "ERR_INVALID_SWITCH" });
  });

  green("reads what is left over at once", () => {
    const [client, server] = connection();
    server.sendAll("0123456789");
    server.close();
    const parts: string[] = [];
    for (let part = client.recv(4); part.length > 0; part = client.recv(4)) parts.push(String(part));
    expect(parts).toEqual(["0123", "4567", "89"]);
  });
});

/** What connecting fails with; undefined if it does not. */
function failureToConnect(one: socket.Socket, address: Parameters<typeof one.connect>[0]): unknown {
  try {
    one.connect(address);
    return undefined;
  } catch (error) {
    return error;
  }
}

describe("connecting", () => {
  // 280 TestCreateConnection.test_refuses, 281 TestCreateConnection.test_refuses_from_port
  test.each([undefined, ["127.0.0.1", 0] as const])("to nobody is refused, from %j too", (sourceAddress) =>
    run(() => {
      const server = listening();
      const nobody = server.address() as [string, number];
      server.close();
      const error = thrownBy(() => socket.createConnection(nobody, { sourceAddress }));
      expect(error).toMatchObject({ name: "ConnectionRefusedError", code: "ECONNREFUSED" });
      expect(error.message).toContain("nobody listens there");
    }),
  );

  // 275 TestTCP.test_connect_ex_nonblocking_bad_connection
  green("connectEx gives the errno", () => {
    const server = listening();
    const nobody = server.address();
    server.close();
    expect(owned(new socket.Socket()).connectEx(nobody)).toBe(111);
    expect(owned(new socket.Socket()).connectEx(listening().address())).toBe(0);
  });

  // 276 TestTCP.test_connect_ex_gaierror
  green("a host that there is not is ENOTFOUND, from connectEx too", () => {
    const one = owned(new socket.Socket());
    expect(thrownBy(() => one.connectEx(["no-such-host.invalid", 1])).code).toMatch(/^(ENOTFOUND|EAI_AGAIN)$/);
  });

  green("by name does not hold the thread", () => {
    const server = listening();
    const [, port] = server.address() as [string, number];
    expect(owned(socket.createConnection(["localhost", port])).peerAddress()).toEqual(["127.0.0.1", port]);
  });

  // 282 TestCreateConnection.test_base_exception
  green("interrupted, the half-made socket is closed", () => {
    const full = owned(socket.createServer(["127.0.0.1", 0], { backlog: 0 }));
    const made: socket.Socket[] = [];
    // The backlog of 0 takes one; the next ones wait for an answer to their SYN.
    for (let i = 0; i < 3; i++) made.push(owned(new socket.Socket()));
    const connecting = made.map((one) => spawn(() => failureToConnect(one, full.address())));
    idle();
    expect(connecting.filter((one) => !one.ready()).length).toBeGreaterThan(0);
    const opened = newFiles();
    expect(thrownBy(() => withTimeout(20, () => socket.createConnection(full.address())))).toMatchObject({
      name: "Timeout",
    });
    expect(opened()).toEqual([]);
    for (const one of connecting) one.kill();
  });

  // 219 TestCloseSocketWhilePolling.test
  green("a socket that is closed while it connects says so", () => {
    const full = owned(socket.createServer(["127.0.0.1", 0], { backlog: 0 }));
    const sockets = Array.from({ length: 4 }, () => owned(new socket.Socket()));
    const all = sockets.map((one) => spawn(() => failureToConnect(one, full.address())));
    idle();
    const waiting = all.filter((one) => !one.ready());
    expect(waiting.length).toBeGreaterThan(0);
    for (const one of sockets) one.close();
    for (const one of waiting) expect(one.get()).toMatchObject({ code: "EBADF" });
    for (const one of all) one.kill();
  });
});

describe("a socket", () => {
  // 274 TestTCP.test_attributes
  green("has a family and a type, whatever its timeout", () => {
    const one = owned(new socket.Socket({ family: "inet6", type: "dgram" }));
    for (const timeout of [0, 10, null]) {
      one.setTimeout(timeout);
      expect([one.family, one.type, one.getTimeout()]).toEqual(["inet6", "dgram", timeout]);
    }
  });

  // 286 TestSocket.test_shutdown_when_closed
  green("that is closed cannot be shut down", () => {
    const [client] = connection();
    client.close();
    client.close();
    expect(thrownBy(() => client.shutdown(socket.SHUT_RDWR))).toMatchObject({ code: "ERR_CLOSED" });
    expect([client.fileno(), client.closed, client.detach()]).toEqual([-1, true, -1]);
  });

  // 287 TestSocket.test_can_be_weak_ref
  green("can be referred to weakly", () => {
    const one = owned(new socket.Socket());
    expect(new WeakRef(one).deref()).toBe(one);
  });

  // 289 Test(socket_timeout).test_timeout
  green("says what a timeout was of", () => {
    const server = listening();
    server.setTimeout(5);
    expect(thrownBy(() => server.accept())).toMatchObject({
      name: "TimeoutError",
      message: "cannot accept a connection: the timeout passed first",
    });
  });

  green("outside of any greenlet waits for nothing: it says so", () => {
    const [client] = connection();
    const outside = new Promise((resolve) => setImmediate(() => resolve(thrownBy(() => client.recv(10)))));
    expect(wait(outside)).toMatchObject({ code: "ERR_NOT_IN_GREENLET" });
  });

  green("of datagrams sends and receives whole ones", () => {
    const [one, other] = [1, 2].map(() => owned(new socket.Socket({ type: "dgram" })));
    one!.bind(["127.0.0.1", 0]);
    const receiver = spawn(() => [one!.recvFrom(100), one!.recvFrom(100)].map(([data]) => String(data)));
    sleep(0);
    other!.sendTo("first", one!.address());
    other!.sendTo("second", one!.address());
    expect(receiver.get()).toEqual(["first", "second"]);
  });

  test.each([-1, Number.NaN, "5"])("has no timeout of %p", (timeout) =>
    run(() => {
      const one = owned(new socket.Socket());
      expect(thrownBy(() => one.setTimeout(timeout as number)).code).toMatch(/ERR_INVALID_ARG_TYPE|ERR_OUT_OF_RANGE/);
      expect(one.getTimeout()).toBeNull();
    }),
  );
});
