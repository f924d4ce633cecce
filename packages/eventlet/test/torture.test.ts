/** Servers under load, whose clients and handlers are killed and timed out at random. CORDAGE_SEED repeats a run. */
import {
  connect,
  GreenletExit,
  GreenPool,
  type GreenThread,
  getCurrent,
  kill,
  listen,
  serve,
  sleep,
  type socket,
  spawn,
  Timeout,
  wsgi,
} from "@cordage/eventlet";
import { urlopen } from "@cordage/gevent";
import { newFiles, seed, seeded } from "@cordage/test-support";
import { expect } from "@jest/globals";
import { green, numbers, takeReports } from "./support/green.js";

type Address = [string, number];
const CLIENTS = 200;

/** Those that run now, so that somebody may kill one of them. */
class Running {
  private readonly all: GreenThread[] = [];

  while(work: () => void): void {
    const one = getCurrent() as GreenThread;
    this.all.push(one);
    try {
      work();
    } finally {
      this.all.splice(this.all.indexOf(one), 1);
    }
  }

  get count(): number {
    return this.all.length;
  }

  killOne(below: (n: number) => number): void {
    const one = this.all[below(this.all.length || 1)];
    if (one && one !== getCurrent()) kill(one);
  }
}

function echo(connection: socket.Socket): boolean {
  for (let data = connection.recv(4096); data.length > 0; data = connection.recv(4096)) connection.sendAll(data);
  return true;
}

/** Whether all came back; what did is right. */
function talk(address: Address, rounds: number): boolean {
  const client = connect(address);
  try {
    for (const i of numbers(rounds)) {
      const text = `round ${i} ${"x".repeat(i * 100)}`;
      client.sendAll(text);
      for (let got = ""; got.length < text.length; ) {
        const part = String(client.recv(4096));
        if (part === "") return false;
        got += part;
        expect(text.startsWith(got)).toBe(true);
      }
    }
    return true;
  } finally {
    client.close();
  }
}

const MAY_HAPPEN = new Set(["ECONNRESET", "EPIPE", "ECONNREFUSED"]);

/** A client that is killed, late, or whose connection is cut, has not been served. */
function served(client: () => boolean): boolean {
  try {
    return client();
  } catch (error) {
    if (error instanceof Timeout || MAY_HAPPEN.has((error as { code?: string }).code ?? "")) return false;
    throw error;
  }
}

green(`an echo server goes on whoever is killed, and leaves nothing open (seed ${seed})`, () => {
  const below = seeded(seed);
  const left = newFiles();
  const [clients, handlers] = [new Running(), new Running()];
  const listener = listen(["127.0.0.1", 0]);
  const address = listener.address() as Address;
  const handle = (connection: socket.Socket) => handlers.while(() => served(() => echo(connection)));
  const server = spawn(serve, listener, handle, { concurrency: 10 });
  const pool = new GreenPool(20);
  let count = 0;
  const client = () =>
    clients.while(() => {
      const rounds = 1 + below(8);
      const patience = below(4) === 0 ? 1 + below(3) : undefined;
      if (served(() => new Timeout(patience).run(() => talk(address, rounds))!)) count++;
    });
  for (let i = 0; i < CLIENTS; i++) {
    pool.spawn(client);
    sleep(0);
    if (below(5) === 0) clients.killOne(below);
    if (below(10) === 0) handlers.killOne(below);
  }
  pool.waitall();
  expect([count > 0, pool.free(), clients.count, server.dead]).toEqual([true, 20, 0, false]);
  expect(talk(address, 5)).toBe(true);
  server.kill();
  listener.close();
  while (handlers.count > 0) sleep(1);
  expect(left()).toEqual([]);
});

green(`an HTTP server goes on whoever is killed, and ends (seed ${seed})`, () => {
  const below = seeded(seed);
  const [clients, handlers] = [new Running(), new Running()];
  const listener = listen(["127.0.0.1", 0]);
  const url = `http://127.0.0.1:${listener.address()[1]}/`;
  const application: wsgi.Application = (_, response) =>
    handlers.while(() => {
      sleep(below(3));
      response.end("done");
    });
  const server = spawn(wsgi.server, listener, application, { maxSize: 5 });
  const pool = new GreenPool(10);
  let count = 0;
  const client = () =>
    clients.while(() => {
      try {
        if (served(() => String(urlopen(url).read()) === "done")) count++;
      } catch (error) {
        if ((error as { status?: number }).status !== 500) throw error;
      }
    });
  for (let i = 0; i < CLIENTS; i++) {
    pool.spawn(client);
    sleep(0);
    if (below(5) === 0) clients.killOne(below);
    if (below(10) === 0) handlers.killOne(below);
  }
  pool.waitall();
  expect([count > 0, pool.free(), String(urlopen(url).read())]).toEqual([true, 10, "done"]);
  server.kill();
  expect(isExit(server)).toBe(true);
  expect([handlers.count, takeReports()]).toEqual([0, []]);
});

function isExit(thread: GreenThread): boolean {
  try {
    thread.wait();
    return false;
  } catch (error) {
    return error instanceof GreenletExit;
  }
}
