/** Sockets, and servers on them. Source: eventlet's convenience and wsgi modules, api_test. */
import {
  connect,
  Event,
  GreenletExit,
  GreenPile,
  type GreenThread,
  getCurrent,
  kill,
  listen,
  Queue,
  StopServe,
  serve,
  sleep,
  socket,
  spawn,
  Timeout,
  wsgi,
} from "@cordage/eventlet";
import { urlopen } from "@cordage/gevent";
import { thrownBy } from "@cordage/test-support";
import { describe, expect } from "@jest/globals";
import { forever, green, numbers, takeReports } from "../support/green.js";

type Address = [string, number];
const HERE: Address = ["127.0.0.1", 0];

/** Runs a test with a socket that listens, and closes it. */
function listening(use: (listener: socket.Socket, address: Address) => void): void {
  const listener = listen(HERE);
  try {
    use(listener, listener.address() as Address);
  } finally {
    listener.close();
  }
}

/** All that a peer sends. */
function everything(from: socket.Socket): string {
  const parts: Buffer[] = [];
  for (let part = from.recv(1 << 16); part.length > 0; part = from.recv(1 << 16)) parts.push(part);
  return String(Buffer.concat(parts));
}

function talk(address: Address, text: string): string {
  const connection = connect(address);
  try {
    connection.sendAll(text);
    connection.shutdown(socket.SHUT_WR);
    return everything(connection);
  } finally {
    connection.close();
  }
}

describe("listen and connect", () => {
  // 171 TestApi.test_tcp_listener
  green("listen at any port of any address", () => {
    const listener = listen(["0.0.0.0", 0]);
    const [host, port] = listener.address() as Address;
    listener.close();
    expect([host, port > 0]).toEqual(["0.0.0.0", true]);
  });

  // 172 TestApi.test_connect_tcp
  green("connect, and what was sent before the end can still be read after it", () =>
    listening((listener, address) => {
      const accepting = spawn(() => {
        const [connection] = listener.accept();
        connection.sendAll("hello\n");
        connection.close();
      });
      const client = connect(address);
      accepting.wait();
      expect([everything(client), client.recv(10).length]).toEqual(["hello\n", 0]);
      client.close();
    }),
  );

  green("share a port with another one, unless that is not wanted", () =>
    listening((first, [host, port]) => {
      first.close();
      const one = listen([host, port]);
      const other = listen([host, port]);
      const error = thrownBy(() => listen([host, port], { reusePort: false }));
      one.close();
      other.close();
      expect(error).toMatchObject({ code: "EADDRINUSE" });
    }),
  );

  green("bind to an address first, and take a time", () =>
    listening((listener, address) => {
      const client = connect(address, { bind: HERE, timeout: 60_000 });
      const [connection, [host]] = listener.accept() as [socket.Socket, Address];
      expect([host, client.getTimeout()]).toEqual(["127.0.0.1", 60_000]);
      client.setTimeout(1);
      expect(thrownBy(() => client.recv(1))).toMatchObject({ name: "TimeoutError" });
      connection.close();
      client.close();
    }),
  );

  green("are refused where nobody listens", () => {
    const listener = listen(HERE);
    const address = listener.address() as Address;
    listener.close();
    expect(thrownBy(() => connect(address))).toMatchObject({ code: "ECONNREFUSED" });
  });

  // 152 TestMultipleListenersCleanup.test_cleanup
  green("have a second reader of one socket refused, and the first still reads", () => {
    const [one, other] = socket.socketpair();
    const reader = spawn(() => String(one.recv(10)));
    sleep(0);
    expect(thrownBy(() => one.recv(10))).toMatchObject({ code: "ERR_CONCURRENT_USE" });
    other.sendAll("data");
    expect(reader.wait()).toBe("data");
    one.close();
    other.close();
  });
});

describe("serve", () => {
  green("runs the handler for each connection, and closes that at its end", () =>
    listening((listener, address) => {
      const peers: unknown[] = [];
      const server = spawn(serve, listener, (connection: socket.Socket, peer: unknown) => {
        peers.push(peer);
        connection.sendAll(`echo ${everything(connection)}`);
      });
      const pile = new GreenPile<string>();
      for (const i of numbers(20)) pile.spawn(talk, address, `hello ${i}`);
      expect([...pile]).toEqual(numbers(20).map((i) => `echo hello ${i}`));
      expect([peers.length, new Set(peers.map(String)).size]).toEqual([20, 20]);
      server.kill();
      expect(thrownBy(() => server.wait())).toBeInstanceOf(GreenletExit);
    }),
  );

  green("returns at a StopServe, and leaves the listener open", () =>
    listening((listener, address) => {
      const server = spawn(serve, listener, () => {
        throw new StopServe();
      });
      expect([talk(address, ""), server.wait(), listener.closed]).toEqual(["", undefined, false]);
    }),
  );

  green("throws what a handler throws; what others throw later is reported, and their connections are closed", () =>
    listening((listener, address) => {
      const [error, later] = [new RangeError("first"), new RangeError("later")];
      const gate = new Event();
      const failures = [error, later, new StopServe()];
      const server = spawn(serve, listener, (connection: socket.Socket) => {
        const [which] = connection.recv(1);
        if (which !== 0x30) gate.wait();
        throw failures[which! - 0x30];
      });
      const failure = spawn(() => thrownBy(() => server.wait()));
      const others = [1, 2].map((i) => {
        const client = connect(address);
        client.sendAll(String(i));
        return client;
      });
      expect([talk(address, "0"), failure.wait()]).toEqual(["", error]);
      gate.send();
      expect(others.map(everything)).toEqual(["", ""]);
      sleep(0);
      expect(takeReports().map(([thrown]) => thrown)).toEqual([later]);
      for (const one of others) one.close();
    }),
  );

  green("says so if what a handler throws is no error", () =>
    listening((listener, address) => {
      const server = spawn(serve, listener, () => {
        throw "text";
      });
      const failure = spawn(() => thrownBy(() => server.wait()));
      talk(address, "");
      expect(failure.wait()).toMatchObject({
        code: "ERR_INVALID_ARG_TYPE",
        message: expect.stringMatching(/^cannot go on serving after what the handler has thrown: .*, received 'text'$/),
      });
    }),
  );

  green("goes on when a handler is killed", () =>
    listening((listener, address) => {
      const handlers = new Queue<GreenThread>();
      const server = spawn(serve, listener, (connection: socket.Socket) => {
        connection.sendAll("begun");
        handlers.put(getCurrent() as GreenThread);
        forever();
      });
      const client = connect(address);
      kill(handlers.get());
      expect(everything(client)).toBe("begun");
      client.close();
      expect(server.dead).toBe(false);
      server.kill();
    }),
  );

  green("has as many connections as it may at a time, and closes the one that waits when it is killed", () =>
    listening((listener, address) => {
      let [now, most] = [0, 0];
      const gate = new Event();
      const handle = (connection: socket.Socket) => {
        most = Math.max(most, ++now);
        gate.wait();
        connection.sendAll("done");
        now--;
      };
      const server = spawn(serve, listener, handle, { concurrency: 2 });
      const pile = new GreenPile<string>();
      for (const _ of numbers(6)) pile.spawn(talk, address, "");
      while (now < 2) sleep(1);
      gate.send();
      expect([[...pile], most]).toEqual([numbers(6).map(() => "done"), 2]);
      gate.reset();
      const waiting = numbers(3).map(() => connect(address));
      while (now < 2) sleep(1);
      server.kill();
      gate.send();
      listener.close();
      const ends = waiting.map((client) => thrownOr(() => everything(client)));
      expect(ends.slice(0, 2)).toEqual(["done", "done"]);
      expect(["", "ECONNRESET"]).toContain(ends[2]);
      for (const client of waiting) client.close();
    }),
  );

  green("throws what accept throws", () => {
    const listener = listen(HERE);
    const server = spawn(serve, listener, () => undefined);
    sleep(0);
    listener.close();
    expect(thrownBy(() => server.wait())).toMatchObject({ code: "EBADF" });
  });
});

describe("wsgi.server", () => {
  const onServer = (
    application: wsgi.Application,
    use: (url: string, server: GreenThread<void>, address: Address) => void,
    options?: wsgi.ServerOptions,
  ) => {
    const listener = listen(HERE);
    const address = listener.address() as Address;
    const server = spawn(wsgi.server, listener, application, options);
    sleep(0);
    expect(listener.closed).toBe(true); // its descriptor is the server's now
    try {
      use(`http://127.0.0.1:${address[1]}/`, server, address);
    } finally {
      server.kill();
      expect(thrownBy(() => server.wait())).toBeInstanceOf(GreenletExit);
    }
  };

  green("answers each request in a greenthread, which may wait, and ends what it does not", () =>
    onServer(
      (request, response) => {
        sleep(1);
        response.write(request.url);
      },
      (url) => {
        const pile = new GreenPile<string>();
        for (const i of numbers(20)) pile.spawn(() => String(urlopen(`${url}${i}`).read()));
        expect([...pile]).toEqual(numbers(20).map((i) => `/${i}`));
      },
    ),
  );

  green("reads the body of a request", () =>
    onServer(
      (request, response) => response.end(`echo ${wsgi.readBody(request)}`),
      (url) => expect(String(urlopen(url, { data: "x".repeat(100_000) }).read())).toBe(`echo ${"x".repeat(100_000)}`),
    ),
  );

  green("handles as many at a time as it may", () => {
    let [now, most] = [0, 0];
    onServer(
      (_, response) => {
        most = Math.max(most, ++now);
        sleep(1);
        now--;
        response.end("done");
      },
      (url) => {
        const pile = new GreenPile<string>();
        for (const _ of numbers(10)) pile.spawn(() => String(urlopen(url).read()));
        expect([[...pile], most]).toEqual([numbers(10).map(() => "done"), 2]);
      },
      { maxSize: 2 },
    );
  });

  green("answers 500 for an application that fails, or cuts an answer that has begun; the error is reported", () => {
    const error = new Error("of the application");
    onServer(
      (request, response) => {
        if (request.url === "/begun") {
          response.writeHead(200, { "content-length": 100 });
          response.write("begun");
          sleep(1);
          throw error;
        }
        response.setHeader("content-encoding", "gzip");
        throw error;
      },
      (url) => {
        const { response } = thrownBy(() => urlopen(url));
        expect([response.status, response.headers["content-encoding"]]).toEqual([500, undefined]);
        expect(thrownBy(() => urlopen(`${url}begun`).read())).toMatchObject({ code: "ECONNRESET" });
        expect(takeReports().map(([thrown]) => thrown)).toEqual([error, error]);
      },
    );
  });

  green("that is killed takes no more, ends connections without a request, and waits for those that have one", () => {
    const [begun, gate] = [new Event(), new Event()];
    onServer(
      (_, response) => {
        response.write("part one, ");
        begun.send();
        gate.wait();
        response.end("part two");
      },
      (url, server, address) => {
        const [silent, keptAlive] = [connect(address), connect(address)];
        keptAlive.sendAll("GET / HTTP/1.1\r\nhost: here\r\n\r\n");
        begun.wait();
        server.kill();
        expect([everything(silent), server.dead]).toEqual(["", false]);
        expect(thrownBy(() => urlopen(url))).toMatchObject({ code: "ECONNREFUSED" });
        gate.send();
        expect(everything(keptAlive)).toMatch(/part one, [\s\S]*part two\r\n0\r\n\r\n$/);
        expect(thrownBy(() => server.wait())).toBeInstanceOf(GreenletExit);
        silent.close();
        keptAlive.close();
      },
    );
  });

  green("that is killed answers all that a client has asked for at once", () => {
    const [begun, gate] = [new Event(), new Event()];
    onServer(
      (request, response) => {
        if (request.url === "/b") {
          begun.send();
          gate.wait();
        }
        response.end(`answer ${request.url}`);
      },
      (_, server, address) => {
        const connection = connect(address);
        connection.sendAll("GET /a HTTP/1.1\r\nhost: here\r\n\r\nGET /b HTTP/1.1\r\nhost: here\r\n\r\n");
        begun.wait();
        expect(String(connection.recv(1000))).toMatch(/answer \/a$/);
        server.kill();
        gate.send();
        expect(everything(connection)).toMatch(/answer \/b$/);
        connection.close();
      },
    );
  });

  green("that is timed out throws the timeout", () => {
    const listener = listen(HERE);
    const timeout = new Timeout(5);
    expect(thrownBy(() => wsgi.server(listener, () => undefined))).toBe(timeout);
  });

  green("goes on when a client goes away", () => {
    const [begun, gate] = [new Event(), new Event()];
    onServer(
      (request, response) => {
        if (request.url === "/") {
          begun.send();
          gate.wait();
        }
        response.end("late");
      },
      (url, _, address) => {
        const client = connect(address);
        client.sendAll("GET / HTTP/1.1\r\nhost: here\r\n\r\n");
        begun.wait();
        client.close();
        gate.send();
        expect(String(urlopen(`${url}other`).read())).toBe("late");
      },
    );
  });
});

function thrownOr(call: () => string): string {
  try {
    return call();
  } catch (error) {
    return (error as { code: string }).code;
  }
}
