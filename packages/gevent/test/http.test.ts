/** HTTP: a server whose application waits, and fetching. */
import dns from "node:dns";
import { once } from "node:events";
import type http from "node:http";
import https from "node:https";
import {
  event,
  HTTPError,
  joinAll,
  run,
  server,
  setErrorHandler,
  sleep,
  socket,
  spawn,
  Timeout,
  urlopen,
  wait,
  withTimeout,
  wsgi,
} from "@cordage/gevent";
import { thrownBy } from "@cordage/test-support";
import { afterEach, expect, test } from "@jest/globals";
import { certificate } from "./support/certificate.js";

afterEach(() => void setErrorHandler(undefined));

/** Runs a test against a server. */
const served = (
  application: wsgi.Application,
  fn: (base: string, server: wsgi.Server) => void,
  options?: wsgi.ServerOptions,
) =>
  run(() => {
    const server = new wsgi.Server(["127.0.0.1", 0], application, options);
    server.start();
    try {
      fn(`http://127.0.0.1:${server.address[1]}`, server);
    } finally {
      server.stop({ timeout: 100 });
    }
  });

const text = (response: { read(): Buffer }) => String(response.read());

test("requests are served at the same time, each in a greenlet that may wait", () => {
  let running = 0;
  let most = 0;
  return served(
    (request, response) => {
      most = Math.max(most, ++running);
      while (most < 3) sleep(1);
      running--;
      response.end(request.url);
    },
    (base) => {
      const all = joinAll(["a", "b", "c"].map((name) => spawn(() => text(urlopen(`${base}/${name}`)))));
      expect(all.map((one) => one.get()).sort()).toEqual(["/a", "/b", "/c"]);
    },
  );
});

test("a pool of 1 serves one after the other", () => {
  let running = 0;
  return served(
    (_, response) => {
      expect(++running).toBe(1);
      sleep(2);
      running--;
      response.end("done");
    },
    (base) => {
      const all = joinAll(Array.from({ length: 4 }, () => spawn(() => text(urlopen(base)))));
      expect(all.map((one) => one.get())).toEqual(["done", "done", "done", "done"]);
    },
    { spawn: 1 },
  );
});

test("what the application does not end is ended; a body is read", () =>
  served(
    (request, response) => response.write(`${request.method} ${wsgi.readBody(request)}`),
    (base) => {
      expect([
        text(urlopen(base)),
        text(urlopen(base, { data: "data" })),
        text(urlopen(base, { method: "PUT", data: Buffer.from("x") })),
      ]).toEqual(["GET ", "POST data", "PUT x"]);
    },
  ));

test("an application that fails answers 500, or ends the connection if it had begun; both are reported", () => {
  const reported: unknown[] = [];
  setErrorHandler((error) => reported.push((error as Error).message));
  return served(
    (request, response) => {
      if (request.url === "/late") {
        response.writeHead(200, { "content-length": 100 }).write("begun");
        sleep(1);
      }
      throw new Error(request.url);
    },
    (base) => {
      const error = thrownBy(() => urlopen(`${base}/early`));
      expect([error.status, text(error.response)]).toEqual([500, "Internal Server Error\n"]);
      expect(thrownBy(() => urlopen(`${base}/late`).read())).toMatchObject({ code: "ECONNRESET" });
      expect(reported).toEqual(["/early", "/late"]);
    },
  );
});

test("an application that fails leaves nothing of its headers in the 500, and the connection in step", () => {
  setErrorHandler(() => undefined);
  return served(
    (_, response) => {
      response.setHeader("content-length", 5).setHeader("content-encoding", "gzip").setHeader("set-cookie", "a=b");
      response.statusMessage = "Fine";
      throw new Error("after the headers");
    },
    (_, { address }) => {
      const answers = asked(address, `${GET("/a")}${GET("/b", "Connection: close")}`).split("HTTP/1.1 ");
      expect(answers.map((one) => one.split("\r\n\r\n")[1])).toEqual([
        undefined,
        "Internal Server Error\n",
        "Internal Server Error\n",
      ]);
      expect(answers[1]).toMatch(/^500 Internal Server Error\r\n/);
      expect(answers[1]).toMatch(/content-length: 22\r\n/i);
      expect(answers[1]).not.toMatch(/gzip|cookie/);
    },
  );
});

/** MSG_PEEK of recv(2). */
const PEEK = 2;

const GET = (path: string, header = "Accept: */*") => `GET ${path} HTTP/1.1\r\nHost: x\r\n${header}\r\n\r\n`;

/** What is sent until the server ends the connection. */
function asked(address: wsgi.Server["address"], requests: string): string {
  using client = socket.createConnection(address);
  client.sendAll(requests);
  let all = "";
  for (let part = client.recv(4096); part.length > 0; part = client.recv(4096)) all += part;
  return all;
}

test("a status of 400 or more is an error with the response", () =>
  served(
    (_, response) => response.writeHead(404, "Nowhere").end("no such page"),
    (base) => {
      const error = thrownBy(() => urlopen(base));
      expect(error).toBeInstanceOf(HTTPError);
      expect(error).toMatchObject({ code: "ERR_HTTP", status: 404, message: `cannot open ${base}/: 404 Nowhere` });
      expect(text(error.response)).toBe("no such page");
    },
  ));

test("redirections are followed, without the secrets and the data, but not for ever", () =>
  served(
    (request, response) => {
      const to = (status: number, location: string) => response.writeHead(status, { location }).end();
      if (request.url === "/302") to(302, "/end");
      else if (request.url === "/307") to(307, "/end");
      else if (request.url === "/away") to(302, `http://localhost:${request.socket.localPort}/end`);
      else if (request.url === "/round") to(302, "/round");
      else response.end(`${request.method} ${wsgi.readBody(request)} ${request.headers.authorization}`);
    },
    (base) => {
      const options = { data: "data", headers: { Authorization: "secret" } };
      const from = (path: string) => urlopen(`${base}${path}`, options);
      expect([text(from("/302")), text(from("/307")), text(from("/away"))]).toEqual([
        "GET  secret",
        "POST data secret",
        "GET  undefined",
      ]);
      expect(urlopen(`${base}/302`).url).toBe(`${base}/end`);
      expect(thrownBy(() => from("/round"))).toMatchObject({ code: "ERR_TOO_MANY_REDIRECTS" });
    },
  ));

test("a response is read in parts, to its end", () =>
  served(
    (_, response) => {
      for (let i = 0; i < 20; i++) {
        response.write(String(i % 10).repeat(1000));
        sleep(0);
      }
    },
    (base) => {
      const response = urlopen(base);
      const parts: string[] = [];
      for (let part = response.read(700); part.length > 0; part = response.read(700)) parts.push(String(part));
      expect(parts.slice(0, -1).every((part) => part.length === 700)).toBe(true);
      expect(parts.join("")).toBe(Array.from({ length: 20 }, (_, i) => String(i % 10).repeat(1000)).join(""));
      expect(response.read().length).toBe(0);
    },
  ));

test("a number of bytes is a whole one", () =>
  served(
    (_, response) => response.end("0123456789"),
    (base) => {
      const response = urlopen(base);
      for (const size of [1.5, -1, Number.NaN, "1" as never])
        expect(thrownBy(() => response.read(size))).toMatchObject({ name: "RangeError", code: "ERR_OUT_OF_RANGE" });
      expect([String(response.read(0)), String(response.read(3)), text(response)]).toEqual(["", "012", "3456789"]);
    },
  ));

/** Interrupts reads of what has come in part: as often as Node would warn of listeners that stay. */
function interrupt(read: () => unknown): void {
  for (let i = 0; i < 11; i++) {
    const reading = spawn(read);
    sleep(0);
    expect(reading.started).toBe(true);
    reading.kill();
  }
}

test("a read that is interrupted has taken nothing of the response", () => {
  const rest = new event.Event();
  return served(
    (_, response) => {
      response.setHeader("content-length", 10).write("01234");
      rest.wait();
      response.end("56789");
    },
    (base) => {
      const response = urlopen(base);
      expect(String(response.read(1))).toBe("0");
      interrupt(() => response.read());
      expect(String(response.read(4))).toBe("1234");
      rest.set();
      expect(text(response)).toBe("56789");
    },
  );
});

test("readBody that is interrupted has taken nothing of the request", () => {
  const rest = new event.Event();
  return served(
    (request, response) => {
      request.unshift(wait(once(request, "data"))[0]);
      request.pause();
      interrupt(() => wsgi.readBody(request));
      expect(["readable", "end", "error"].map((name) => request.listenerCount(name))).toEqual([0, 0, 0]);
      rest.set();
      response.end(wsgi.readBody(request));
    },
    (_, { address }) => {
      using client = socket.createConnection(address as [string, number]);
      client.sendAll("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n01234");
      rest.wait();
      client.sendAll("56789");
      expect(String(client.recv(1000))).toMatch(/\r\n\r\n0123456789$/);
    },
  );
});

/** Runs a test against what answers each connection with the same, and waits for its end. */
const answering = (answer: string, fn: (base: string, ended: event.Event) => void) =>
  run(() => {
    const ended = new event.Event();
    const one = new server.StreamServer(["127.0.0.1", 0], (client) => {
      client.recv(1000);
      client.sendAll(answer);
      if (client.recv(1000).length === 0) ended.set();
    });
    one.start();
    try {
      fn(`http://127.0.0.1:${one.address[1]}/`, ended);
    } finally {
      one.stop();
    }
  });

test("a redirection whose body stalls is ended by a timeout, or a signal, and its connection with it", () =>
  answering("HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 1000\r\n\r\nabc", (base, ended) => {
    const limits = [{ timeout: 50 }, { signal: AbortSignal.timeout(50) }];
    expect(limits.map((one) => thrownBy(() => urlopen(base, one)).name)).toEqual(["Timeout", "TimeoutError"]);
    ended.wait();
  }));

test("an answer that goes on in another protocol is an error, and its connection is closed", () =>
  answering("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n", (base, ended) => {
    const error = thrownBy(() => urlopen(base));
    expect(error).toMatchObject({ code: "ERR_HTTP", status: 101 });
    expect(text(error.response)).toBe("");
    ended.wait();
  }));

test("what describes the data is not sent without them", () =>
  served(
    (request, response) => {
      if (request.url === "/") response.writeHead(303, { location: "/end" }).end();
      else response.end(`${request.headers["content-length"]} ${request.headers["content-type"]} ${request.headers.a}`);
    },
    (base) => {
      const headers = { "Content-Length": "5", "Content-Type": "text/x", A: "a" };
      expect(text(urlopen(base, { data: "hello", headers }))).toBe("undefined undefined a");
    },
  ));

test("connections are used again", () => {
  const ports = new Set<unknown>();
  return served(
    (request, response) => {
      ports.add(request.socket.remotePort);
      response.end("x");
    },
    (base) => {
      for (let i = 0; i < 5; i++) {
        text(urlopen(base));
        sleep(1);
      }
      expect(ports.size).toBe(1);
    },
  );
});

test("a timeout ends the request", () =>
  served(
    (request) => void wait(new Promise((resolve) => request.on("close", resolve))),
    (base) => {
      expect(thrownBy(() => urlopen(base, { timeout: 20 }))).toMatchObject({ name: "Timeout" });
      const mine = new Timeout(20);
      expect(thrownBy(() => urlopen(base, { timeout: mine }))).toBe(mine);
    },
  ));

test("https, with a certificate of one's own", async () => {
  const { key, cert } = certificate();
  const server = https.createServer({ key, cert }, (_, response) => response.end("secure")).listen(0, "127.0.0.1");
  try {
    await run(() => {
      const port = wait(listening(server));
      const url = `https://localhost:${port}/`;
      expect(text(urlopen(url, { tls: { ca: cert } }))).toBe("secure");
      expect(thrownBy(() => urlopen(url)).code).toMatch(/CERT|SELF_SIGNED/);
    });
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

async function listening(server: http.Server): Promise<number> {
  if (!server.listening) await new Promise((resolve) => server.once("listening", resolve));
  return (server.address() as { port: number }).port;
}

test("what cannot be asked for is said", () =>
  run(() => {
    expect(thrownBy(() => urlopen("ftp://127.0.0.1/"))).toMatchObject({ code: "ERR_OUT_OF_RANGE" });
    expect(thrownBy(() => urlopen("no url"))).toMatchObject({ code: "ERR_INVALID_URL" });
    expect(thrownBy(() => urlopen(5 as never))).toMatchObject({ code: "ERR_INVALID_ARG_TYPE" });
    const nobody = socket.createServer(["127.0.0.1", 0]);
    const [, port] = nobody.address() as [string, number];
    nobody.close();
    expect(thrownBy(() => urlopen(`http://127.0.0.1:${port}/`))).toMatchObject({ code: "ECONNREFUSED" });
  }));

test("a server says where it listens, and whether it can", () =>
  run(() => {
    const make = (address: any, application: any = () => undefined) => new wsgi.Server(address, application);
    expect(thrownBy(() => make(["127.0.0.1", 0], 5))).toMatchObject({ code: "ERR_INVALID_ARG_TYPE" });
    expect(thrownBy(() => make(["127.0.0.1", -5]))).toMatchObject({ code: "ERR_OUT_OF_RANGE" });
    const one = make(["127.0.0.1", 0]);
    expect(thrownBy(() => one.address)).toMatchObject({ code: "ERR_NOT_STARTED" });
    const serving = spawn(() => one.serveForever());
    while (!one.started) sleep(1);
    expect(thrownBy(() => make(one.address).start())).toMatchObject({ code: "EADDRINUSE" });
    one.stop();
    one.stop();
    serving.get();
    expect(one.started).toBe(false);
  }));

test("a server that stops answers what it was asked for, and closes connections as soon as they ask for nothing", () => {
  const [begun, goesOn] = [new event.Event(), new event.Event()];
  return served(
    (request, response) => {
      if (request.url === "/b") {
        begun.set();
        goesOn.wait();
      }
      response.end(`answer ${request.url}`);
    },
    (base, one) => {
      using idle = socket.createConnection(one.address);
      const serving = spawn(() => one.serveForever());
      const client = spawn(() => asked(one.address, GET("/a") + GET("/b")));
      begun.wait();
      text(urlopen(base));
      const stopping = spawn(() => one.stop({ timeout: Number.POSITIVE_INFINITY }));
      expect(idle.recv(1).length).toBe(0);
      expect([one.started, stopping.ready(), serving.ready()]).toEqual([false, false, false]);
      goesOn.set();
      expect(client.get().match(/answer ../g)).toEqual(["answer /a", "answer /b"]);
      stopping.get();
      serving.get();
    },
  );
});

test("a server that stops sends the whole of an answer to a client that is slow", () => {
  const size = 20_000_000; // more than the system buffers
  return served(
    (_, response) => response.end(Buffer.alloc(size)),
    (_, one) => {
      using client = socket.createConnection(one.address);
      client.sendAll(GET("/"));
      const head = String(client.recv(200, PEEK)).split("\r\n\r\n")[0]!;
      const stopping = spawn(() => one.stop({ timeout: Number.POSITIVE_INFINITY }));
      while (one.started) sleep(0);
      let received = 0;
      for (let part = client.recv(1 << 20); part.length > 0; part = client.recv(1 << 20)) received += part.length;
      expect(received).toBe(head.length + 4 + size);
      stopping.get();
    },
  );
});

test("a server whose stop is interrupted is stopped, cuts nobody off, and may be stopped again, or started", () => {
  const [begun, goesOn] = [new event.Event(), new event.Event()];
  return served(
    (_, response) => {
      begun.set();
      goesOn.wait();
      response.end("done");
    },
    (base, one) => {
      const client = spawn(() => text(urlopen(base)));
      begun.wait();
      const stopping = spawn(() => one.stop());
      sleep(0);
      stopping.kill();
      expect(one.started).toBe(false);
      goesOn.set();
      expect(client.get()).toBe("done");
      one.stop();
      one.start();
      expect(text(urlopen(`http://127.0.0.1:${one.address[1]}`))).toBe("done");
    },
  );
});

/** Holds what Node looks up until it is let go, and says when that has been told. */
function heldLookup(fn: (asked: event.Event, letGo: () => event.Event) => void): void {
  const { lookup } = dns;
  const asked = new event.Event();
  const told = new event.Event();
  let held: any[] = [];
  const letGo = () => {
    const callback = held.pop();
    lookup(...(held as [any]), (...found: unknown[]) => {
      callback(...found);
      told.set();
    });
    return told;
  };
  const hold = (...args: unknown[]) => {
    held = args;
    asked.set();
  };
  dns.lookup = hold as never;
  try {
    fn(asked, letGo);
  } finally {
    dns.lookup = lookup;
  }
}

test("a server that is interrupted while it starts does not listen", () =>
  run(() => {
    const nobody = socket.createServer(["127.0.0.1", 0]);
    const [, port] = nobody.address() as [string, number];
    nobody.close();
    const one = new wsgi.Server(["localhost", port], () => undefined);
    heldLookup((asked, letGo) => {
      const starting = spawn(() => one.start());
      asked.wait();
      starting.kill();
      expect(one.started).toBe(false);
      letGo().wait();
    });
    sleep(0); // it hears that it listens
    one.start();
    expect(one.address).toEqual([expect.any(String), port]);
    one.stop();
  }));

test("a server is stopped when whoever serves for ever is killed, or timed out", () =>
  run(() => {
    const one = new wsgi.Server(["127.0.0.1", 0], () => undefined);
    const serving = spawn(() => one.serveForever());
    while (!one.started) sleep(0);
    serving.kill();
    expect(one.started).toBe(false);
    expect(thrownBy(() => withTimeout(20, () => one.serveForever()))).toMatchObject({ name: "Timeout" });
    expect(thrownBy(() => one.address)).toMatchObject({ code: "ERR_NOT_STARTED" });
  }));

test("a server is started once by several, and not where nobody can wait", async () => {
  const one = new wsgi.Server(["127.0.0.1", 0], () => undefined);
  expect(thrownBy(() => one.start())).toMatchObject({ code: "ERR_NOT_IN_GREENLET" });
  expect(thrownBy(() => one.serveForever())).toMatchObject({ code: "ERR_NOT_IN_GREENLET" });
  expect(one.started).toBe(false);
  await run(() => {
    const starts = joinAll([1, 2].map(() => spawn(() => one.start())));
    expect(starts.map((each) => each.successful())).toEqual([true, true]);
    one.stop();
  });
});

test.each([["raw"], [null], [{}]])("a server is not made with what cannot spawn: %p", (spawner) => {
  const make = () => new wsgi.Server(["127.0.0.1", 0], () => undefined, { spawn: spawner as never });
  expect(thrownBy(make)).toMatchObject({ name: "TypeError", code: "ERR_INVALID_ARG_TYPE" });
});
