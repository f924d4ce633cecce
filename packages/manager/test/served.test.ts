/** Objects that a process makes itself, and publishes by a server of its own. */
import { fileURLToPath } from "node:url";
import { encode } from "@cordage/ipc/sys";
import {
  BaseManager,
  type BaseProxy,
  type DictProxy,
  Manager,
  ManagerError,
  type Proxied,
  QueueProxy,
  type Server,
  SyncManager,
  served,
} from "@cordage/manager";
import { Process } from "@cordage/process";
import { endLeftOver, run, start, untilCollected } from "@cordage/test-support";
import { afterAll, afterEach, describe, expect, test } from "@jest/globals";
import * as module from "./fixtures/served.mjs";
import { setPid } from "./fixtures/set-pid.mjs";
import { failureOf, refused, thrownBy } from "./support/failures.js";

const authkey = "abracadabra";
const address: [string, number] = ["127.0.0.1", 0];
const ended: Array<() => Promise<void>> = [];
afterEach(async () => {
  for (const end of ended.splice(0).reverse()) await end();
});
afterAll(endLeftOver);

interface Hub {
  queue(name: string): QueueProxy<number>;
  isConfig(proxy: unknown): boolean;
}

/** A server here that publishes what the functions return, and a client that knows no more than their names. */
async function publish(
  factories: Record<string, [Function, object?]>,
): Promise<{ client: BaseManager; server: Server }> {
  class Here extends BaseManager {}
  for (const [name, [factory, options]] of Object.entries(factories)) Here.register(name, factory, options);
  const server = new Here({ address, authkey }).getServer();
  await server.listen();
  const client = new BaseManager({ address: server.address, authkey });
  await client.connect();
  ended.push(
    () => server.close(),
    () => client.shutdown(),
  );
  return { client, server };
}

describe("a queue of this process that its server publishes", () => {
  test("is one and the same to every client, and to this process", async () => {
    const queue = served.Queue<unknown>();
    const { client } = await publish({ get_queue: [() => queue] });
    const theirs = await client.create<QueueProxy>("get_queue");
    expect(theirs).toBeInstanceOf(QueueProxy);
    expect(await client.create("get_queue")).toBe(theirs);
    await theirs.put({ a: 1 });
    expect(await queue.qsize()).toBe(1);
    expect(await queue.get()).toEqual({ a: 1 });
    await queue.put("ours");
    expect(await theirs.get()).toBe("ours");
  });

  test("is waited for, from either side, in the order in which who waits came", async () => {
    const queue = served.Queue<number>();
    const { client } = await publish({ get_queue: [async () => queue] });
    const theirs = await client.create<QueueProxy<number>>("get_queue");
    const got: string[] = [];
    const first = theirs.get().then((n) => got.push(`client ${n}`));
    await theirs.qsize();
    const second = queue.get().then((n) => got.push(`here ${n}`));
    await queue.put(1);
    await theirs.put(2);
    await Promise.all([first, second]);
    expect(got.sort()).toEqual(["client 1", "here 2"]);
  });

  test("serves other programs, which know its name, address and key", async () => {
    const program = (name: string) => fileURLToPath(new URL(`./fixtures/${name}.mjs`, import.meta.url));
    const server = start(program("queue-server"), [authkey]);
    const [, port] = JSON.parse(await server.line());
    const client = async (...args: string[]) => {
      const { code, stdout, stderr } = await run(program("queue-client"), [String(port), authkey, ...args]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      return stdout.trim();
    };
    expect(await client("a task")).toBe("QueueProxy undefined");
    expect(await client()).toBe('QueueProxy "a task"');
    server.child.stdin!.end();
    const { code, stdout, stderr } = await server.ended;
    expect({ code, stderr, said: stdout.trim().split("\n").at(-1) }).toEqual({
      code: 0,
      stderr: "",
      said: '"from the server"',
    });
  });

  test("is published by a server in a process of its own, where a module makes it", async () => {
    class QueueManager extends SyncManager {
      declare getQueue: () => Promise<QueueProxy<number>>;
      declare getConfig: () => Promise<DictProxy>;
    }
    QueueManager.register("getQueue", module.getQueue);
    QueueManager.register("getConfig", module.getConfig);
    QueueManager.register("Hub", module.Hub);
    QueueManager.register("Lock", served.Lock);
    await using manager = new QueueManager();
    await manager.start();
    const [queue, config, hub] = [
      await manager.getQueue(),
      await manager.getConfig(),
      await manager.create<Proxied<Hub>>("Hub"),
    ];
    queue.sync.put(5);
    expect(await config.get("queue")).toBe(queue);
    expect([await (await manager.getQueue()).get(), config.sync.limit]).toEqual([5, 3]);
    expect([await hub.isConfig(config), await hub.isConfig(queue)]).toEqual([true, false]);
    const named = await hub.queue("a");
    expect(named).toBeInstanceOf(QueueProxy);
    expect([(await hub.queue("a")) === named, (await hub.queue("b")) === named]).toEqual([true, false]);
    expect(await module.getQueue().qsize()).toBe(0); // this process's own is another one
    const [one, two] = [await manager.Lock(), await manager.Lock()];
    expect([await one.tryAcquire(), await two.tryAcquire(), await one.tryAcquire()]).toEqual([true, true, false]);
  });
});

describe("what a registration says", () => {
  const queue = served.Queue<number>();
  class CountedProxy extends QueueProxy<number> {
    count(): Promise<number> {
      return this.qsize();
    }
  }

  test("about exposed methods holds for it, under that name", async () => {
    const { client } = await publish({
      get_queue: [() => queue],
      inbox: [() => queue, { exposed: ["put", "constructor", "missing"] }],
    });
    const [all, inbox] = [await client.create<QueueProxy>("get_queue"), await client.create<QueueProxy>("inbox")];
    expect(inbox).toBeInstanceOf(QueueProxy);
    await inbox.put(1);
    await refused(inbox.get(), ManagerError, "ERR_NOT_EXPOSED", /^cannot call get of a inbox: .* what is: put$/);
    expect(await client.create("inbox")).toBe(inbox);
    expect([all === (inbox as unknown), await all.get()]).toEqual([false, 1]);
  });

  test("holds as well where a client sends it back, and it is got from there", async () => {
    const shelf = served.dict<any>();
    const { client } = await publish({ shelf: [() => shelf], inbox: [() => queue, { exposed: ["put"] }] });
    const inbox = await client.create<QueueProxy>("inbox");
    const theirs = await client.create<DictProxy>("shelf");
    await theirs.set("inbox", inbox);
    const back = await theirs.get("inbox");
    expect(back).toBe(inbox);
    await refused(back.get(), ManagerError, "ERR_NOT_EXPOSED");
  });

  test("about the class of its proxies does", async () => {
    const { client } = await publish({ counted: [() => queue, { proxy: CountedProxy }] });
    const counted = await client.create<CountedProxy>("counted");
    expect(counted).toBeInstanceOf(CountedProxy);
    await counted.put(1);
    expect([await counted.count(), await counted.get()]).toEqual([1, 1]);
  });
});

describe("made here,", () => {
  test("every type is what it is in a manager", async () => {
    const made: Record<string, BaseProxy> = {
      dict: served.dict({ a: 1 }),
      list: served.list([1]),
      set: served.set([1]),
      Namespace: served.Namespace({ x: 1 }),
      Value: served.Value("int32", 5),
      Array: served.Array("int8", 2),
      Lock: served.Lock(),
      RLock: served.RLock(),
      Semaphore: served.Semaphore(2),
      BoundedSemaphore: served.BoundedSemaphore(),
      Condition: served.Condition(),
      Event: served.Event(),
      Barrier: served.Barrier(2),
      Queue: served.Queue(1),
      JoinableQueue: served.JoinableQueue(),
    };
    expect(Object.keys(served)).toEqual(Object.keys(made));
    const { client } = await publish(
      Object.fromEntries(Object.entries(made).map(([name, one]) => [name, [() => one]])),
    );
    for (const [name, one] of Object.entries(made)) {
      const theirs = await client.create(name);
      expect(theirs).toBeInstanceOf(one.constructor);
      expect(String(theirs)).toMatch(new RegExp(`^<${name[0]!.toUpperCase()}${name.slice(1)}Proxy of ${name} \\d+>$`));
      expect(await theirs.getValue()).toEqual(await one.getValue());
    }
  });

  test("it is used at once, blocking too where nothing has to be waited for", async () => {
    const [d, queue, lock] = [served.dict<number>(), served.Queue<number>(1), served.Lock()];
    d.sync.a = 1;
    expect([d.sync.a, await d.increment("a"), { ...d.sync }]).toEqual([1, 2, { a: 2 }]);
    queue.sync.put(1);
    expect([queue.sync.get(), lock.sync.acquire()]).toEqual([1, true]);
    const blocked = { name: "ManagerError", code: "ERR_WOULD_BLOCK" };
    expect(thrownBy(() => queue.sync.get())).toMatchObject(blocked);
    expect(thrownBy(() => lock.sync.acquire())).toMatchObject(blocked);
    expect(lock.sync.acquire({ timeout: 0 })).toBe(false);
    await queue.put(2); // nobody waits for it any more
    await lock.release();
    expect([await queue.get(), await lock.locked()]).toEqual([2, false]);
  });

  test("a wait is cancelled by its signal, and has no effect then", async () => {
    const queue = served.Queue<number>();
    const [aborter, reason] = [new AbortController(), new Error("enough")];
    const waits = failureOf(queue.get({ signal: aborter.signal }));
    aborter.abort(reason);
    expect(await waits).toBe(reason);
    expect(await failureOf(queue.get({ signal: aborter.signal }))).toBe(reason);
    await queue.put(1);
    expect(await queue.get({ signal: new AbortController().signal })).toBe(1);
  });

  test("a condition is over a lock of this process, a barrier calls a function of it, a list takes from others", async () => {
    const lock = served.Lock();
    const condition = served.Condition(lock);
    await lock.acquire();
    const notified = condition.wait();
    expect(await lock.tryAcquire()).toBe(true);
    await condition.notify();
    await lock.release();
    expect(await notified).toBe(true);
    let ran = 0;
    const barrier = served.Barrier(2, { action: () => ran++ });
    expect((await Promise.all([barrier.wait(), barrier.wait()])).sort()).toEqual([0, 1]);
    expect(ran).toBe(1);
    expect(await served.list(served.set([1, 2])).getValue()).toEqual([1, 2]);
    expect(await served.dict(served.dict({ a: 1 })).getValue()).toEqual({ a: 1 });
  });

  test("wrong arguments are refused at once", () => {
    const refusals: Array<[() => unknown, string]> = [
      [() => served.Queue("1" as never), "ERR_INVALID_ARG_TYPE"],
      [() => served.Semaphore(-1), "ERR_OUT_OF_RANGE"],
      [() => served.list(5 as never), "ERR_INVALID_ARG_TYPE"],
      [() => served.Condition(served.Event() as never), "ERR_INVALID_ARG_TYPE"],
      [() => served.Barrier(2, { action: "f" as never }), "ERR_INVALID_ARG_TYPE"],
      [() => served.Value("int" as never), "ERR_INVALID_ARG_TYPE"],
    ];
    for (const [make, code] of refusals) expect(thrownBy(make)).toMatchObject({ code });
  });
});

describe("as any shared object,", () => {
  test("it may be in another one, and comes back to this process as the proxy that it was", async () => {
    const [queue, shelf] = [served.Queue<number>(), served.dict<any>()];
    await shelf.set("queue", queue);
    const { client } = await publish({ shelf: [() => shelf] });
    const theirs = await client.create<DictProxy>("shelf");
    const got: QueueProxy<number> = await theirs.get("queue");
    await got.put(1);
    await theirs.set("again", got);
    expect([await queue.get(), await shelf.get("again")]).toEqual([1, queue]);
    expect((await shelf.get("again")) === queue).toBe(true);
    expect(((await theirs.getValue()) as any).queue).toBe(got);
  });

  test("it outlives the proxies of its clients", async () => {
    const queue = served.Queue<number>();
    const { client } = await publish({ get_queue: [() => queue], few: [() => queue, { exposed: ["put"] }] });
    await (async () => {
      await (await client.create<QueueProxy>("get_queue")).put(1);
      await (await client.create<QueueProxy>("few")).put(2);
    })();
    expect(await untilCollected(async () => (await client.numberOfObjects()) === 0)).toBe(true);
    await (await client.create<QueueProxy>("few")).put(3);
    expect(await (await client.create<QueueProxy>("get_queue")).getValue()).toEqual([1, 2, 3]);
  });

  test("several servers may publish it", async () => {
    const list = served.list<number>();
    const both = [await publish({ list: [() => list] }), await publish({ list: [() => list] })];
    for (const [i, { client }] of both.entries()) await (await client.create<any>("list")).push(i);
    expect(await list.getValue()).toEqual([0, 1]);
  });

  test("it goes to another process once a server has given it to a client", async () => {
    const d = served.dict<number>();
    expect(thrownBy(() => encode(d))).toMatchObject({ code: "ERR_NOT_SERIALIZABLE" });
    const { client } = await publish({ d: [() => d] });
    await client.create("d");
    const child = new Process({ target: setPid, args: [d] });
    child.start();
    await child.join();
    expect(await d.getValue()).toEqual({ pid: child.pid });
  });

  test("it goes to no server but those of its process", async () => {
    await using elsewhere = await Manager();
    const list = await elsewhere.list<any>();
    expect(await failureOf(list.push(served.Queue()))).toMatchObject({
      name: "CodecError",
      code: "ERR_NOT_SERIALIZABLE",
      message: expect.stringContaining("an object of this process"),
    });
    expect(await list.length()).toBe(0);
  });

  test("a client that ends gives back what it held of it", async () => {
    const lock = served.Lock();
    const { client } = await publish({ lock: [() => lock] });
    const theirs = await client.create<any>("lock");
    expect(await theirs.acquire()).toBe(true);
    const ours = lock.acquire();
    await client.shutdown();
    expect([await ours, await lock.toText()]).toEqual([true, "<Lock(owner=this session)>"]);
  });
});
