/** Servers that run a handler in a greenlet for each connection. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  event,
  Greenlet,
  lock,
  pool,
  run,
  server,
  setErrorHandler,
  sleep,
  socket,
  spawn,
  withTimeout,
} from "@cordage/gevent";
import { failureOf, thrownBy } from "@cordage/test-support";
import { afterEach, describe, expect, test } from "@jest/globals";

const { StreamServer, DatagramServer } = server;
const open: Array<{ close(): void }> = [];
afterEach(() => {
  for (const one of open.splice(0)) one.close();
  setErrorHandler(undefined);
});

function owned<T extends { close(): void }>(one: T): T {
  open.push(one);
  return one;
}

const green = (name: string, fn: () => void) => test(name, () => run(fn));
const HERE: [string, number] = ["127.0.0.1", 0];

/** Answers each message with its length, until the client ends, or goes away. */
function answer(one: socket.Socket): void {
  try {
    for (let data = one.recv(1000); data.length > 0; data = one.recv(1000)) one.sendAll(`${data.length}\n`);
  } catch (error) {
    if (!["ECONNRESET", "EPIPE"].includes((error as { code: string }).code)) throw error;
  }
}

const ways: Array<[string, server.ServerOptions]> = [
  ["in a greenlet each", {}],
  ["in a pool", { spawn: new pool.Pool(10) }],
  ["in a pool of 10", { spawn: 10 }],
];

function asked(address: Parameters<typeof socket.createConnection>[0], timeout: number | null = null): string {
  const client = owned(socket.createConnection(address, { timeout }));
  client.sendAll("12345");
  const answered = String(client.recv(100));
  client.close();
  return answered;
}

const silence = (address: Parameters<typeof asked>[0]) =>
  expect(thrownBy(() => asked(address, 20))).toMatchObject({ code: "ERR_TIMEOUT" });

describe.each(ways)("a server that runs its handlers %s", (_, options) => {
  // 294 TestDefaultSpawn.test_subclass_just_create, 295 TestDefaultSpawn.test_subclass_with_socket
  green("on a socket: takes connections when it is started, not while it is stopped, until it is closed", () => {
    const listener = owned(socket.createServer(HERE));
    const address = listener.address();
    const one = owned(new StreamServer(listener, answer, options));
    silence(address);
    one.start();
    expect([asked(address), asked(address), one.started]).toEqual(["5\n", "5\n", true]);
    one.stopAccepting();
    silence(address);
    one.startAccepting();
    expect(asked(address)).toBe("5\n");
    one.stop();
    expect(thrownBy(() => asked(address))).toMatchObject({ code: "ECONNREFUSED" });
    expect(one.started).toBe(false);
  });

  // 296 TestDefaultSpawn.test_subclass_with_address
  green("at an address of its own", () => {
    const one = owned(new StreamServer(HERE, answer, options));
    expect(thrownBy(() => one.address)).toMatchObject({ code: "ERR_NOT_STARTED" });
    one.start();
    one.start();
    const { address } = one;
    expect(asked(address)).toBe("5\n");
    one.stop();
    one.stop();
    expect(thrownBy(() => asked(address))).toMatchObject({ code: "ECONNREFUSED" });
  });

  // 299 TestDefaultSpawn.test_serve_forever_after_start
  green("serves for ever until it is stopped", () => {
    const one = owned(new StreamServer(HERE, answer, options));
    one.start();
    const serving = spawn(() => one.serveForever());
    expect(asked(one.address)).toBe("5\n");
    expect(serving.ready()).toBe(false);
    one.stop();
    serving.get();
  });

  green("is stopped when whoever serves for ever is killed, or timed out", () => {
    const one = owned(new StreamServer(HERE, answer, options));
    const serving = spawn(() => one.serveForever());
    while (!one.started) sleep(0);
    serving.kill();
    expect(one.started).toBe(false);
    expect(thrownBy(() => withTimeout(1, () => one.serveForever()))).toMatchObject({ name: "Timeout" });
    expect(one.started).toBe(false);
  });

  // 300 TestDefaultSpawn.test_server_closes_client_sockets
  green("closes the connection when the handler returns", () => {
    const one = owned(new StreamServer(HERE, () => undefined, options));
    one.start();
    expect(owned(socket.createConnection(one.address)).recv(10).length).toBe(0);
  });

  // 297 TestDefaultSpawn.test_invalid_callback
  green("closes the connection of a handler that fails, reports it once, and goes on", () => {
    const reported: unknown[] = [];
    setErrorHandler((error) => reported.push(error));
    const broken = new TypeError("of the handler");
    let calls = 0;
    const one = owned(
      new StreamServer(
        HERE,
        (client) => {
          if (calls++ === 0) throw broken;
          answer(client);
        },
        options,
      ),
    );
    one.start();
    const client = owned(socket.createConnection(one.address));
    expect(client.recv(10).length).toBe(0);
    expect(asked(one.address)).toBe("5\n");
    expect(reported).toEqual([broken]);
  });

  // 302 TestDefaultSpawn.test_server_repr_when_handle_is_instancemethod
  green("shows what it is", () => {
    const one = owned(new StreamServer(HERE, answer, options));
    expect(String(one)).toBe("<StreamServer stopped 127.0.0.1,0 handler=answer>");
    one.start();
    expect(String(one)).toMatch(/^<StreamServer started <Socket fd=\d+ .*> handler=answer>$/);
  });

  green("hands its handlers the peer's address, and serves many at the same time", () => {
    const seen = new Set<number>();
    const one = owned(
      new StreamServer(
        HERE,
        (client, address) => {
          seen.add((address as [string, number])[1]);
          answer(client);
        },
        options,
      ),
    );
    one.start();
    const clients = Array.from({ length: 8 }, () => owned(socket.createConnection(one.address)));
    for (const client of clients) client.sendAll("123");
    expect(clients.map((client) => String(client.recv(10)))).toEqual(clients.map(() => "3\n"));
    expect([...seen].sort()).toEqual(clients.map((client) => (client.address() as [string, number])[1]).sort());
  });
});

describe("a server", () => {
  // 292 TestDefaultSpawn.test_backlog_is_not_accepted_for_socket
  green("takes no backlog for a socket that listens", () => {
    const listener = owned(socket.createServer(HERE));
    expect(thrownBy(() => new StreamServer(listener, answer, { backlog: 25 }))).toMatchObject({
      code: "ERR_INVALID_ARG_TYPE",
    });
    expect(thrownBy(() => new StreamServer(HERE, undefined as never))).toMatchObject({ code: "ERR_INVALID_ARG_TYPE" });
  });

  // 304 TestPoolSpawn.test_pool_full
  green("with a full pool lets clients wait until there is room", () => {
    const release: socket.Socket[] = [];
    const one = owned(
      new StreamServer(
        HERE,
        (client) => {
          client.recv(10);
          client.sendAll("done");
        },
        { spawn: 2 },
      ),
    );
    one.start();
    const [long, short] = [1, 2].map(() => owned(socket.createConnection(one.address)));
    const late = owned(socket.createConnection(one.address, { timeout: 20 }));
    late.sendAll("ask");
    expect(thrownBy(() => late.recv(10))).toMatchObject({ code: "ERR_TIMEOUT" });
    short!.sendAll("end");
    expect(String(short!.recv(10))).toBe("done");
    late.setTimeout(null);
    expect(String(late.recv(10))).toBe("done");
    release.push(long!);
    long!.close();
  });

  // 301 TestDefaultSpawn.test_error_in_spawn
  green("whose pool fails to spawn closes the connection, reports it, and goes on", () => {
    const reported: unknown[] = [];
    setErrorHandler((error) => reported.push(error));
    const broken = new Error("of the pool");
    let calls = 0;
    class Broken extends pool.Pool {
      override start(one: Greenlet): void {
        if (calls++ === 0) throw broken;
        super.start(one);
      }
    }
    const one = owned(new StreamServer(HERE, answer, { spawn: new Broken(2) }));
    one.start();
    expect(owned(socket.createConnection(one.address)).recv(10).length).toBe(0);
    expect(asked(one.address)).toBe("5\n");
    expect(reported).toEqual([broken]);
  });

  green("whose pool was filled by others closes what it has accepted when it is closed", () => {
    let isSpawning = false;
    class Watched extends pool.Pool {
      override start(one: Greenlet): void {
        isSpawning = one !== other;
        super.start(one);
      }
    }
    const shared = new Watched(1);
    const one = owned(new StreamServer(HERE, answer, { spawn: shared }));
    one.start();
    sleep(0); // it accepts
    const other = new Greenlet(() => new event.Event().wait());
    shared.start(other);
    const client = owned(socket.createConnection(one.address));
    while (!isSpawning) sleep(0);
    one.close();
    expect(client.recv(10).length).toBe(0);
    other.kill();
  });

  green("whose socket is closed by somebody else says so, and is stopped", () => {
    const reported: unknown[] = [];
    setErrorHandler((error) => reported.push(error));
    const listener = owned(socket.createServer(HERE));
    const one = owned(new StreamServer(listener, answer));
    const serving = spawn(() => one.serveForever());
    while (!one.started) sleep(0);
    sleep(0); // it accepts
    listener.close();
    serving.get();
    sleep(0);
    expect([one.started, reported]).toMatchObject([false, [{ code: "EBADF" }]]);
  });

  green("may be started again: on a path, and on the address of the socket that it was given", () => {
    const folder = mkdtempSync(join(tmpdir(), "cordage-"));
    try {
      for (const listener of [join(folder, "socket"), socket.createServer(HERE)]) {
        const one = owned(new StreamServer(listener, answer));
        for (let i = 0; i < 2; i++) {
          one.start();
          expect(asked(one.address)).toBe("5\n");
          one.stop();
        }
      }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test.each([["raw"], [null], [{}], [() => undefined]])("is not made with what cannot spawn: %p", (spawner) => {
    for (const Kind of [StreamServer, DatagramServer])
      expect(thrownBy(() => new Kind(HERE, () => undefined, { spawn: spawner as never }))).toMatchObject({
        name: "TypeError",
        code: "ERR_INVALID_ARG_TYPE",
      });
  });

  // 306 TestNoneSpawn.test_assertion_in_blocking_func
  test("does not wait outside of greenlets, and is not started there by that", () => {
    const one = owned(new StreamServer(HERE, answer));
    expect(thrownBy(() => one.serveForever())).toMatchObject({ code: "ERR_NOT_IN_GREENLET" });
    expect(one.started).toBe(false);
  });

  green("that is stopped waits for its pool, and kills who is late", () => {
    const begun = new lock.Semaphore(0);
    let ended = 0;
    const one = owned(
      new StreamServer(
        HERE,
        (client) => {
          begun.release();
          try {
            client.recv(10);
          } finally {
            ended++;
          }
        },
        { spawn: 5 },
      ),
    );
    one.start();
    const clients = [1, 2].map(() => owned(socket.createConnection(one.address)));
    for (const _ of clients) begun.acquire();
    clients[0]!.close();
    one.stop({ timeout: 20 });
    expect(ended).toBe(2);
    expect(clients[1]!.recv(10).length).toBe(0);
  });

  green("whose address is taken says so", () => {
    const one = owned(new StreamServer(HERE, answer));
    one.start();
    const second = new StreamServer(one.address as [string, number], answer);
    expect(thrownBy(() => second.start())).toMatchObject({ code: "EADDRINUSE" });
    expect(second.started).toBe(false);
  });
});

describe("a server of datagrams", () => {
  green("answers from its own address", () => {
    const one = owned(new DatagramServer(HERE, (data, address) => one.sendTo(`${data}!`, address)));
    expect(thrownBy(() => one.sendTo("x", HERE))).toMatchObject({ code: "ERR_NOT_STARTED" });
    one.start();
    const client = owned(new socket.Socket({ type: "dgram" }));
    client.sendTo("hello", one.address);
    const [data, from] = client.recvFrom(100);
    expect([String(data), from]).toEqual(["hello!", one.address]);
    one.stop();
    expect(thrownBy(() => one.sendTo("x", HERE))).toMatchObject({ code: "ERR_NOT_STARTED" });
  });

  green("sends from the socket that it was given as soon as it is started", () => {
    const given = new socket.Socket({ type: "dgram" });
    given.bind(HERE);
    const one = owned(new DatagramServer(given, () => undefined));
    expect(thrownBy(() => one.sendTo("x", HERE))).toMatchObject({ code: "ERR_NOT_STARTED" });
    one.start();
    const peer = owned(new socket.Socket({ type: "dgram" }));
    peer.bind(HERE);
    one.sendTo("hello", peer.address());
    expect(String(peer.recvFrom(100)[0])).toBe("hello");
    one.stop();
  });

  green("is stopped when whoever serves for ever is killed", () => {
    const one = owned(new DatagramServer(HERE, () => undefined));
    const serving = spawn(() => one.serveForever());
    while (!one.started) sleep(0);
    serving.kill();
    expect(one.started).toBe(false);
  });
});

test("run tells of an error of the function", async () => {
  const error = new Error("of the program");
  expect(
    await failureOf(
      run(() => {
        throw error;
      }),
    ),
  ).toBe(error);
});
