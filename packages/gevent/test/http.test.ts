/** HTTP: a server whose application waits, and fetching. */
import type http from "node:http";
import https from "node:https";
import {
  HTTPError,
  joinAll,
  run,
  setErrorHandler,
  sleep,
  socket,
  spawn,
  Timeout,
  urlopen,
  wait,
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
