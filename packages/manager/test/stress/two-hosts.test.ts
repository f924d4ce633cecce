/**
 * A server and its clients on two hosts, each with a kernel's TCP of its own, and a link between them that loses, delays,
 * reorders or swallows packets. Skipped where there can be no network namespaces: that takes root.
 */
import type { ManagerOptions } from "@cordage/manager";
import { endLeftOver } from "@cordage/test-support";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { type OnHost, TwoHosts, whyNoHosts } from "../support/two-hosts.js";

const SEED = 20261126;
/**
 * Milliseconds: the kernel asks after a third of it, and the link, a process like any other, has the rest to carry the answer: a
 * second is too little on a busy machine.
 */
const SOON = 6000;
const OPTIONS = { address: ["192.0.2.1", 5000] as [string, number], authkey: "the key" };
/** Of a connection, until the first answer is there. */
const PACKETS = 12;
const missing = whyNoHosts();
const hosts = missing ? describe.skip : describe;
if (missing) console.warn(`skipped: ${missing}`); // jest does not name what it skips when that is all there is

afterAll(endLeftOver);

interface Net {
  link: TwoHosts;
  /** Started the manager, and is a client on the same host. */
  server: OnHost;
  /** Starts a process on the other host, which is connected. */
  client(options?: ManagerOptions): Promise<OnHost>;
}

async function between(options: ManagerOptions, work: (net: Net) => Promise<void>): Promise<void> {
  const link = await TwoHosts.linked(SEED);
  try {
    const server = await link.start("server", { ...OPTIONS, ...options });
    await server.run(({ manager }) => manager.start());
    const client = async (own?: ManagerOptions) => {
      const peer = await link.start("client", { ...OPTIONS, ...options, ...own });
      await peer.run(({ manager }) => manager.connect());
      return peer;
    };
    await work({ link, server, client });
  } finally {
    await link.end();
  }
}

/** Makes objects, and gives them to others under the same names. */
async function share(owner: OnHost, others: OnHost[], types: Record<string, [string, ...unknown[]]>): Promise<void> {
  await owner.run(async (here, types) => {
    for (const [name, [type, ...args]] of Object.entries(types)) here[name] = await here.manager.create(type, ...args);
  }, types);
  for (const other of others) {
    const pack = (here: any, names: string[]) =>
      here.encode(Object.fromEntries(names.map((name) => [name, here[name]])));
    const packed = await owner.run(pack, Object.keys(types));
    await other.run((here, packed) => void Object.assign(here, here.decode(packed)), packed);
  }
}

/** A client waits in both forms, for what is locked and for an item; what the two waits fail with, when they are over. */
async function waitsInVain(client: OnHost, server: OnHost, lock = ""): Promise<{ over: Promise<unknown[]> }> {
  const over = client.run(async ({ work, list, queue, ...here }, lock) => {
    list.sync.push("waits");
    const promised = work.failureOf(() => (lock ? here[lock].acquire() : queue.get()));
    return [await work.failureOf(() => queue.sync.get()), await promised];
  }, lock);
  await server.run(({ work, list }) => work.untilLength(list, 1));
  return { over };
}

/** What calls of both forms fail with. */
function bothForms(client: OnHost) {
  return client.run(async ({ work, list }) => [
    await work.failureOf(() => list.length()),
    await work.failureOf(() => list.sync.length()),
  ]);
}

interface Attempts {
  failures: unknown[];
  /** Milliseconds. */
  took: number;
}

/** Attempts to connect, in both forms, whose packets are swallowed from the nth on. They go on when this returns. */
async function stalledAttempts(link: TwoHosts, counts: number[]): Promise<{ over: Promise<Attempts[]> }> {
  const server = await link.start("server", OPTIONS);
  await server.run(async (here) => {
    await here.manager.start();
    here.list = await here.manager.list();
  });
  const clients = await Promise.all(counts.map(() => link.start("client", OPTIONS)));
  const attempts: Promise<Attempts>[] = [];
  for (const [i, client] of clients.entries()) {
    const packed = await server.run(({ encode, list }) => encode(list));
    await link.tell("stall_after", counts[i]);
    attempts.push(client.run(({ work, decode }, packed) => work.attempts(decode(packed)), packed));
    await link.begun(2 * (i + 1));
  }
  const over = Promise.all(attempts);
  over.catch(() => {}); // whoever waits for them is told
  return { over };
}

const pidOf = (peer: OnHost) => peer.pid!;
const failed = (code: string, reason = /./) => ({ code, message: expect.stringMatching(reason) });

hosts("between two hosts", () => {
  // They take all the time that they may take, while the other tests run.
  let slow: TwoHosts;
  let stalled: { over: Promise<Attempts[]> };
  beforeAll(async () => {
    slow = await TwoHosts.linked(SEED);
    stalled = await stalledAttempts(slow, [0, 3, 6]);
  });
  afterAll(() => slow?.end());

  test(`packets that are lost, delayed and reordered cost no call, and no order (seed ${SEED})`, async () => {
    await between({}, async ({ link, server, client }) => {
      const clients = [await client(), await client(), await client()];
      const [first, second, third] = clients as [OnHost, OnHost, OnHost];
      await share(server, clients, {
        lock: ["Lock"],
        d: ["dict", { turns: 0 }],
        there: ["Queue"],
        back: ["Queue"],
        list: ["list"],
      });
      await link.tell("disturb", 0.07, 1, 8);
      const busy = [
        first.run(async ({ work, lock, d, there, list }) => {
          await Promise.all([work.puts(there, 1000), work.takesTurns(lock, d, 8)]);
          await work.pushes(list, 5);
        }),
        second.run(async ({ work, there, back, list, lock, d }) => {
          await Promise.all([work.gets(there, 1000), work.puts(back, 500), work.pushes(list, 5)]);
          work.takesTurnsBlocking(lock, d, 4);
        }),
        third.run(async ({ work, d, lock, list }) => {
          await work.setsAndGets(d, 500);
          work.takesTurnsBlocking(lock, d, 8);
          work.setsAndGetsBlocking(d, 15);
          await work.pushes(list, 5);
        }),
        server.run(({ work, back }) => work.gets(back, 500)),
      ];
      await Promise.all(busy);
      await server.run(({ work, list }, pids) => work.findsPushed(list, pids, 5), clients.map(pidOf));
      expect(
        await server.run(async ({ d, there, back }) => [await d.get("turns"), await there.qsize(), await back.qsize()]),
      ).toEqual([20, 0, 0]);
      const { to } = await link.tell("report");
      for (const { lost, reordered } of [to.client, to.server]) expect(Math.min(lost, reordered)).toBeGreaterThan(20);
    });
  });

  test("a gap that is shorter than lostAfter costs no call", async () => {
    await between({ lostAfter: 15_000 }, async ({ link, server, client }) => {
      const [waiting, calling] = [await client(), await client()];
      await share(server, [waiting, calling], { queue: ["Queue"], d: ["dict"], list: ["list"] });
      const got = waiting.run(({ queue, list }) => {
        list.sync.push("waits");
        return [queue.sync.get(), queue.sync.get()];
      });
      await server.run(({ work, list }) => work.untilLength(list, 1));
      await link.tell("cut");
      const called = [
        calling.run(async ({ work, d, list }) => {
          await Promise.all([work.setsAndGets(d, 300), list.push("promised")]);
          work.setsAndGetsBlocking(d, 20);
          return list.sync.push("blocked");
        }),
        server.run(({ queue }) => Promise.all([queue.put(1), queue.put(2)])),
      ];
      await link.swallowed({ server: 3, client: 3 });
      await link.tell("mend");
      await Promise.all(called);
      expect(await got).toEqual([1, 2]);
      expect(await server.run(({ list }) => list.getValue())).toEqual(["waits", "promised", "blocked"]);
    });
  });

  test("a longer one ends both forms of calls, and the server gives back what the client had", async () => {
    await between({ lostAfter: SOON }, async ({ link, server, client }) => {
      const lost = await client();
      await share(server, [lost], { lock: ["Lock"], permits: ["Semaphore", 1], queue: ["Queue"], list: ["list"] });
      await lost.run(async (here) => {
        here.own = await here.manager.dict();
        return [await here.lock.acquire(), here.permits.sync.acquire()];
      });
      expect(await server.run(({ manager }) => manager.numberOfObjects())).toBe(5);
      const handedOver = server.run(({ lock, permits }) => Promise.all([lock.acquire(), permits.acquire()]));
      const waits = await waitsInVain(lost, server);
      await link.tell("cut");
      expect(await waits.over).toEqual([failed("ERR_CONNECTION_LOST"), failed("ERR_CONNECTION_LOST")]);
      expect(await handedOver).toEqual([true, true]);
      await server.run(({ work, manager }) => work.untilAlone(manager));
      expect(await server.run(({ manager }) => manager.numberOfObjects())).toBe(4);

      await link.tell("mend");
      const next = await client();
      await share(server, [next], { other: ["Queue"] });
      await next.run(({ other }) => other.put("from a new client"));
      await lost.run(({ queue }) => queue.sync.put("from the old one"));
      expect(await server.run(({ other, queue }) => [other.sync.get(), queue.sync.get()])).toEqual([
        "from a new client",
        "from the old one",
      ]);
    });
  });

  test("what a client has given up before its server found it gone has no effect any more", async () => {
    await between({}, async ({ link, server, client }) => {
      const hasty = await client({ lostAfter: SOON });
      await share(server, [hasty], { lock: ["Lock"], queue: ["Queue"], list: ["list"] });
      await server.run(({ lock }) => lock.acquire());
      const waits = await waitsInVain(hasty, server, "lock");
      await link.tell("cut");
      expect(await waits.over).toEqual([failed("ERR_CONNECTION_LOST"), failed("ERR_CONNECTION_LOST")]);
      await link.tell("mend");
      expect(await hasty.run(async ({ list }) => [await list.length(), list.sync.length()])).toEqual([1, 1]);
      await server.run(({ lock, queue }) => Promise.all([queue.put("kept"), lock.release()]));
      expect(await server.run(async ({ lock, queue }) => [await lock.tryAcquire(), await queue.qsize()])).toEqual([
        true,
        1,
      ]);
      const got = hasty.run(async ({ queue }) => [await queue.get(), queue.sync.get()]);
      await server.run(({ queue }) => queue.put("too"));
      expect(await got).toEqual(["kept", "too"]);
    });
  });

  test("each of the packets with which a connection begins may be lost", async () => {
    await between({}, async ({ link, server, client }) => {
      const connecting = await client();
      await share(server, [connecting], { list: ["list"] });
      await link.tell("lose_one_each");
      await connecting.run(({ work, ...here }, times) => work.connects(here, times), PACKETS);
      await link.tell("lose_one_each");
      await connecting.run(({ work, list }, times) => work.connectsBlocking(list, times), PACKETS);
      expect(await server.run(({ list }) => list.length())).toBe(PACKETS);
    });
  });

  test("another host at the server's address is another server, and says so", async () => {
    await between({ lostAfter: SOON }, async ({ link, server, client }) => {
      const kept = await client();
      await share(server, [kept], { queue: ["Queue"], list: ["list"] });
      const waits = await waitsInVain(kept, server);
      await link.tell("unplug", "server");
      await link.tell("replace", "server");
      const other = await link.start("server", OPTIONS);
      await other.run(({ manager }) => manager.start());
      expect(await waits.over).toEqual([failed("ERR_CONNECTION_LOST"), failed("ERR_CONNECTION_LOST")]);
      const restarted = failed("ERR_MANAGER_RESTARTED", /another server is at 192\.0\.2\.1:5000/);
      expect(await bothForms(kept)).toEqual([restarted, restarted]);
    });
  });

  test("a client whose own host is off the network is told so at once", async () => {
    await between({}, async ({ link, server, client }) => {
      const offline = await link.start("client", OPTIONS);
      await share(server, [await client()], { list: ["list"] });
      const packed = await server.run(({ encode, list }) => encode(list));
      await link.tell("unplug", "client");
      await offline.run((here, packed) => {
        here.list = here.decode(packed);
      }, packed);
      const unreachable = failed("ERR_CANNOT_CONNECT", /192\.0\.2\.1:5000: connect failed with ENETUNREACH/);
      expect(await bothForms(offline)).toEqual([unreachable, unreachable]);
      await link.tell("plug", "client");
      expect(await offline.run(async ({ list }) => [await list.push(1), list.sync.push(2)])).toEqual([1, 2]);
    });
  });

  test("an attempt to connect that gets no answer ends when its time is over, wherever it stands", async () => {
    const reason = /^cannot connect to the manager at 192\.0\.2\.1:5000: .*(20000 ms|the timeout passed first)$/;
    for (const { failures, took } of await stalled.over) {
      expect(failures).toEqual([failed("ERR_CANNOT_CONNECT", reason), failed("ERR_CANNOT_CONNECT", reason)]);
      expect(took).toBeLessThan(30_000);
    }
  });
});
