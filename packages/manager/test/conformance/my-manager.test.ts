/** Managers of one's own: their types, their servers, and how they begin and end. */
import { randomBytes } from "node:crypto";
import { createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { AuthenticationError, registerClass } from "@cordage/ipc";
import {
  BaseManager,
  BaseProxy,
  ConnectionLostError,
  callMethod,
  callMethodSync,
  Manager,
  ManagerError,
  type NamespaceProxy,
  type Proxied,
  RemoteError,
  SyncManager,
} from "@cordage/manager";
import { gone, run, start } from "@cordage/test-support";
import { afterEach, describe, expect, test } from "@jest/globals";
import * as types from "../fixtures/types.mjs";
import { badType, failureOf, refused, thrownBy } from "../support/failures.js";
import { forms } from "../support/forms.js";
import { startedManager } from "../support/managers.js";

interface Counter {
  increment(by?: number): number;
  later<T>(value: T): Promise<T>;
  fails(message: string): never;
  rejects(value: unknown): Promise<never>;
  returnsFunction(): unknown;
  returnsItself(): unknown;
  onChange(n: number): string;
}
interface Pid {
  pid(): number;
  started(): unknown;
}

class OwnProxy extends BaseProxy {
  async incrementTwice(): Promise<number> {
    await this.call("increment");
    return this.call("increment");
  }
  increment(by?: number): Promise<number> {
    return this.call("increment", by === undefined ? [] : [by]);
  }
  secret(): Promise<string> {
    return this.call("_secret");
  }
}

class NodeProxy extends BaseProxy {
  async path(...names: string[]): Promise<string[]> {
    const [name, ...rest] = names;
    const own = await this.getName();
    if (name === undefined) return [own];
    return [own, ...(await (await this.add(name)).path(...rest))];
  }
  add(name: string): Promise<NodeProxy> {
    return this.call("add", [name]);
  }
  getName(): Promise<string> {
    return this.call("getName");
  }
}

class MyManager extends SyncManager {
  declare Counter: (n?: number) => Promise<Proxied<Counter>>;
}
MyManager.register("Counter", types.Counter);
MyManager.register("Double", types.Double);
MyManager.register("Async", types.makeCounter);
MyManager.register("Plain", types.makePlain);
MyManager.register("Shared", types.theShared, { exposed: ["increment"] });
MyManager.register("Few", types.Counter, { exposed: ["increment", "_secret", "now", "kind", "missing"] });
MyManager.register("Own", types.Counter, { proxy: OwnProxy, exposed: ["increment"] });
MyManager.register("Node", types.Node, { methodToName: { add: "Node", child: "Node", first: "Node" } });
MyManager.register("OwnNode", types.Node, {
  proxy: NodeProxy,
  exposed: ["add", "getName"],
  methodToName: { add: "OwnNode" },
});
MyManager.register("Names", types.Names);
MyManager.register("Hidden", types.Counter, { createMethod: false });
MyManager.register("Number", types.makeNumber);
MyManager.register("Nothing", types.makeNothing);
MyManager.register("Throws", types.throwsAtOnce);
MyManager.register("Rejects", types.rejectsLater);
MyManager.register("NoFactory");
MyManager.register("Pid", types.makePid);
MyManager.register("Data", types.makeData);
MyManager.register("Valued", types.makeValued);
MyManager.register("Unknown", types.makeUnknown);

const shared = startedManager(new MyManager());
const made: BaseManager[] = [];
afterEach(async () => {
  for (const one of made.splice(0)) await one.shutdown();
});
/** A manager that ends with the test. */
function kept<M extends BaseManager>(one: M): M {
  made.push(one);
  return one;
}
async function started(): Promise<MyManager> {
  const one = kept(new MyManager());
  await one.start();
  return one;
}

describe.each(forms)("a registered type, $name:", ({ of }) => {
  test("a class, one that extends it, a function and an async one make objects", async () => {
    const my = shared;
    const [counter, double] = [await my.Counter(5), await my.create<Proxied<Counter>>("Double")];
    const other = await my.create<Proxied<Counter>>("Async", 7);
    const plain = await my.create<Proxied<{ hello(name: string): string }>>("Plain");
    expect([await of(counter).increment(), await of(counter).increment(2)]).toEqual([6, 8]);
    expect([await of(double).increment(3), await of(other).increment()]).toEqual([6, 8]);
    expect(await of(plain).hello("you")).toBe("hello you");
    expect([await of(counter).later([1]), await of(counter).onChange(2)]).toEqual([[1], "changed to 2"]);
  });

  test("methods that begin with an underscore, accessors and data are not exposed", async () => {
    const my = shared;
    const counter = (await my.Counter()) as any;
    for (const name of ["_secret", "now", "kind", "constructor"]) expect(Object.keys(counter)).not.toContain(name);
    expect([counter._secret, counter.now, counter.kind]).toEqual([undefined, undefined, undefined]);
    const few = (await my.create("Few")) as any;
    expect([await of(few).increment(), await of(few)._secret()]).toEqual([1, "secret"]);
    expect([few.later, few.now, few.kind, few.missing]).toEqual([undefined, undefined, undefined, undefined]);
  });

  test("a class of proxies of one's own is used for it, and calls only what is exposed", async () => {
    const my = shared;
    const own = await my.create<OwnProxy>("Own", 1);
    expect(own).toBeInstanceOf(OwnProxy);
    expect([await of(own).increment(), await own.incrementTwice()]).toEqual([2, 4]);
    await refused(
      own.secret(),
      ManagerError,
      "ERR_NOT_EXPOSED",
      /^cannot call _secret of a Own: it is not exposed; what is: increment$/,
    );
  });

  test("a class of proxies of one's own is used for what methods return, where methodToName says so", async () => {
    const root = await shared.create<NodeProxy>("OwnNode", "root");
    expect(await root.path("a", "b")).toEqual(["root", "a", "b"]);
    expect(await of(await of(root).add("c")).getName()).toBe("c");
    await refused(callMethod(root, "child", [0]), ManagerError, "ERR_NOT_EXPOSED", /what is: add, getName$/);
    expect([(root as any).child, (root as any).sync.child]).toEqual([undefined, undefined]);
  });

  test("methods have any names, also those that objects and proxies have", async () => {
    const names = (await shared.create("Names")) as any;
    const calls = ["call", "valueOf", "hasOwnProperty", "toLocaleString", "getValue", "apply", "name", "create"];
    for (const name of calls) expect(await of(names)[name](1, 2)).toEqual([name, 1, 2]);
    for (const name of ["sync", "toString", ...calls]) {
      expect(await callMethod(names, name, [1])).toEqual([name, 1]);
      expect(callMethodSync(names, name)).toEqual([name]);
    }
    expect([names.sync.sync(3), names.sync.toString(3)]).toEqual([
      ["sync", 3],
      ["toString", 3],
    ]);
    expect(String(names)).toMatch(/^<AutoProxy of Names \d+>$/);
    expect(names.sync).toBe(names.sync);
    for (const name of ["constructor", "then", "_own", "isPrototypeOf"])
      await refused(callMethod(names, name), ManagerError, "ERR_NOT_EXPOSED");
    expect(names.then).toBeUndefined();
  });

  test("what a method returns is a shared object, where methodToName says so", async () => {
    const my = shared;
    const root = (await my.create("Node", "root")) as any;
    const child = await of(root).add("child");
    expect(child).toBeInstanceOf(BaseProxy);
    expect([await of(child).getName(), await of(root).child(0), await of(root).first()]).toEqual([
      "child",
      child,
      child,
    ]);
    expect(await of(root).child(5)).toBeUndefined();
    expect(await of(root).isSame(child)).toBe(false);
    await of(await of(child).add("grandchild")).add("great-grandchild");
    expect(await of(await of(await of(child).first()).child(0)).getName()).toBe("great-grandchild");
  });

  test("an object that a factory gives again is one and the same", async () => {
    const my = shared;
    const [a, b] = [(await my.create("Shared")) as any, (await my.create("Shared")) as any];
    expect(a).toBe(b);
    const before = await of(a).increment();
    expect([await of(b).increment(), await of(a).increment()]).toEqual([before + 1, before + 2]);
  });

  test("an error of a method keeps its class and properties, and has its stack and cause in `cause`", async () => {
    const counter = of(await shared.Counter());
    const error = await failureOf(counter.fails("no way"));
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ name: "TypeError", message: "no way", code: "ERR_OWN", detail: { a: 1 } });
    expect(error.cause).toBeInstanceOf(RemoteError);
    expect(error.cause).toMatchObject({ name: "RemoteError", code: "ERR_REMOTE" });
    expect(error.cause.stack).toMatch(/TypeError: no way\n +at Counter\.fails \(.*types\.mjs/);
    expect(error.cause.cause).toMatchObject({ message: "the reason" });
    expect(await failureOf(counter.rejects(new RangeError("later")))).toMatchObject({
      name: "RangeError",
      message: "later",
      cause: { code: "ERR_REMOTE" },
    });
    for (const value of ["text", 5, null, undefined, { a: 1 }])
      expect(await failureOf(counter.rejects(value))).toEqual(value);
  });

  test("getValue gives what the object holds, unless it has a getValue of its own", async () => {
    expect(await of(await shared.create("Data")).getValue()).toEqual({ n: 1, list: [2] });
    expect(await of(await shared.create("Valued")).getValue()).toBe("its own");
  });

  test("a result that cannot travel is refused, and the next call works", async () => {
    const counter = of(await shared.Counter());
    expect(await failureOf(counter.returnsFunction())).toMatchObject({
      name: "CodecError",
      code: "ERR_NOT_SERIALIZABLE",
    });
    expect(await counter.increment()).toBe(1);
  });
});

test("a class of proxies of one's own is this side's matter, and no other type's of that name", async () => {
  class Clients extends BaseManager {}
  Clients.register("Plain", undefined, { proxy: OwnProxy });
  Clients.register("dict", undefined, { proxy: OwnProxy });
  expect(await shared.create("Plain")).toBeInstanceOf(OwnProxy);
  expect((await shared.dict()).constructor.name).toBe("DictProxy");
});

test("a method is called by its name only of a proxy, and with arguments in an array", async () => {
  const counter = await shared.Counter();
  const cases: unknown[][] = [
    [{}, "increment"],
    [undefined, "increment"],
    [counter, 5],
    [counter, "increment", 1],
  ];
  for (const args of cases) {
    const expected = { name: "TypeError", code: "ERR_INVALID_ARG_TYPE" };
    expect(await failureOf((callMethod as Function)(...args))).toMatchObject(expected);
    expect(thrownBy(() => (callMethodSync as Function)(...args))).toMatchObject(expected);
  }
  expect(await callMethod<number>(counter, "increment")).toBe(1);
});

describe("a manager", () => {
  test("has a method for each registered type, unless told otherwise", async () => {
    const my = (await started()) as any;
    expect(await (await my.Counter(2)).increment()).toBe(3);
    expect(await (await my.Double()).increment()).toBe(2);
    expect(my.Hidden).toBeUndefined();
    expect(await (await my.create("Hidden")).increment()).toBe(1);
    expect(my.createSync("Counter", 5).sync.increment()).toBe(6);
    expect(await (await my.dict({ a: 1 })).get("a")).toBe(1);
  });

  test("has what its base had when it registered its first type, and its own", async () => {
    class Base extends BaseManager {}
    Base.register("A", types.Counter);
    class Derived extends Base {}
    Derived.register("B", types.Counter);
    expect([...Base.registrations.keys(), ...Derived.registrations.keys()]).toEqual(["A", "A", "B"]);
    expect((Base.prototype as any).B).toBeUndefined();
    const derived = kept(new Derived());
    await derived.start();
    expect(await ((await derived.create("A")) as any).increment()).toBe(1);
    const base = kept(new Base());
    await base.start();
    await refused(
      base.create("B"),
      ManagerError,
      "ERR_TYPE_NOT_REGISTERED",
      /no type 'B' is registered .*; what is: A$/,
    );
  });

  test("that is no SyncManager has no dict", async () => {
    class Bare extends BaseManager {}
    const bare = kept(new Bare());
    await bare.start();
    for (const type of ["dict", "toString", "__proto__"])
      await refused(bare.create(type), ManagerError, "ERR_TYPE_NOT_REGISTERED");
    expect(thrownBy(() => bare.createSync("dict"))).toMatchObject({ code: "ERR_TYPE_NOT_REGISTERED" });
    await refused(bare.create(5 as never), ManagerError, "ERR_TYPE_NOT_REGISTERED");
  });

  test("runs factories in its server, and tells what they throw", async () => {
    const my = await started();
    const served = await my.create<Proxied<Pid>>("Pid");
    const pid = await served.pid();
    expect(pid).toBe(my.process!.pid);
    expect(pid).not.toBe(process.pid);
    for (const type of ["Throws", "Rejects"]) {
      const error = await failureOf(my.create(type, "bad"));
      expect(error).toBeInstanceOf(RangeError);
      expect(error).toMatchObject({
        name: "RangeError",
        message: "bad",
        code: "ERR_OF_FACTORY",
        given: { message: "bad" },
      });
      expect(error.cause.stack).toMatch(/at .*throwsAtOnce \(.*types\.mjs/);
    }
    await refused(my.Counter("x" as never), RangeError, "ERR_OF_FACTORY");
    for (const type of ["Number", "Nothing"])
      await badType(my.create(type), /^cannot create a (Number|Nothing): its factory must return an object, received /);
    await refused(my.create("NoFactory"), ManagerError, "ERR_TYPE_NOT_REGISTERED", /^cannot create a NoFactory: /);
    expect(await my.numberOfObjects()).toBe(1);
    expect(await served.pid()).toBe(pid); // used here too: one that is collected is no longer counted
  });

  test("refuses to register what is no type", () => {
    class Mine extends BaseManager {}
    const bad = (...args: unknown[]) =>
      expect(thrownBy(() => (Mine.register as Function)(...args))).toMatchObject({
        name: "TypeError",
        code: "ERR_INVALID_ARG_TYPE",
        message: expect.stringMatching(/^cannot register a type: /),
      });
    bad("");
    bad(5, types.Counter);
    bad("T", "Counter");
    bad("T", {});
    bad("T", types.Counter, { exposed: "increment" });
    bad("T", types.Counter, { exposed: [5] });
    bad("T", types.Counter, { exposed: ["increment", "then"] });
    bad("T", types.Counter, null);
    bad("T", types.Counter, { proxy: "OwnProxy" });
    for (const proxy of [() => {}, class {}, BaseProxy]) bad("T", types.Counter, { proxy });
    for (const methodToName of ["Node", null, { add: 5 }]) bad("T", types.Counter, { methodToName });
    for (const own of ["start", "create", "address", "constructor", "toString", "then"]) bad(own, types.Counter);
    expect(Mine.registrations.size).toBe(0);
    Mine.register("start", types.Counter, { createMethod: false });
    class Sync extends SyncManager {}
    for (const _ of ["once", "again"]) Sync.register("dict", types.Counter);
    expect(new Mine().start).toBe(BaseManager.prototype.start);
    expect(new Sync().dict).not.toBe(SyncManager.prototype.dict);
  });

  test("refuses options that are none", () => {
    const cases: Array<[any, string]> = [
      [5, "ERR_INVALID_ARG_TYPE"],
      [null, "ERR_INVALID_ARG_TYPE"],
      [{ address: true }, "ERR_INVALID_ARG_TYPE"],
      [{ family: "x" }, "ERR_OUT_OF_RANGE"],
      [{ functions: types.Counter }, "ERR_INVALID_ARG_TYPE"],
      [{ functions: ["f"] }, "ERR_INVALID_ARG_TYPE"],
      [{ authkey: 5 }, "ERR_INVALID_ARG_TYPE"],
      [{ backlog: 0 }, "ERR_OUT_OF_RANGE"],
      [{ backlog: "5" }, "ERR_INVALID_ARG_TYPE"],
      [{ maxMessage: 1 }, "ERR_OUT_OF_RANGE"],
      [{ maxConnections: 0 }, "ERR_OUT_OF_RANGE"],
      [{ maxStrangers: 0 }, "ERR_OUT_OF_RANGE"],
      [{ maxCalls: 0.5 }, "ERR_OUT_OF_RANGE"],
      [{ linger: -1 }, "ERR_OUT_OF_RANGE"],
      [{ handshakeTimeout: 0 }, "ERR_OUT_OF_RANGE"],
      [{ shutdownTimeout: Number.NaN }, "ERR_OUT_OF_RANGE"],
      [{ tls: true, address: ["127.0.0.1", 0] }, "ERR_INVALID_ARG_TYPE"],
      [{ serializer: "xmlrpclib" }, "ERR_OUT_OF_RANGE"],
      [{ serializer: "pickle" }, "ERR_OUT_OF_RANGE"],
      [{ serializer: 5 }, "ERR_INVALID_ARG_TYPE"],
      [{ tls: {} }, "ERR_INVALID_ARG_TYPE"],
    ];
    for (const [options, code] of cases)
      expect(thrownBy(() => new SyncManager(options))).toMatchObject({
        code,
        name: code === "ERR_OUT_OF_RANGE" ? "RangeError" : "TypeError",
        message: expect.stringMatching(/^cannot make a manager: /),
      });
  });

  test("whose factory or function no module exports does not start, and may not be half started", async () => {
    class Local {}
    class Mine extends BaseManager {}
    Mine.register("Local", Local);
    const mine = kept(new Mine());
    for (const one of [mine, kept(new SyncManager({ functions: [() => 1] }))]) {
      const error = await failureOf(one.start());
      expect(error).toMatchObject({ name: "IpcError", code: "ERR_FUNCTION_NOT_FOUND" });
      expect(one.process).toBeUndefined();
      expect(await failureOf(one.create("Local"))).toMatchObject({ code: "ERR_MANAGER_STATE" });
    }
    expect(mine.getServer().address).toBe(mine.address);
  });
});

describe("a class that only one side knows fails its call only:", () => {
  const unknown = { name: "CodecError", code: "ERR_BAD_MESSAGE" };
  class OnlyHere {}
  registerClass(OnlyHere, { name: "test.OnlyHere" });

  test("of a result, by sync", async () => {
    const giver = await shared.create<Proxied<{ give(): unknown; fine(): string }>>("Unknown");
    expect(thrownBy(() => giver.sync.give())).toMatchObject(unknown);
    expect([giver.sync.fine(), await giver.fine()]).toEqual(["fine", "fine"]);
  });

  test("of a result, as a promise", async () => {
    const giver = await shared.create<Proxied<{ give(): unknown; fine(): string }>>("Unknown");
    const event = await shared.Event();
    const [waits, given] = await Promise.allSettled([event.wait(), giver.give(), event.set()]);
    expect(given).toMatchObject({ status: "rejected", reason: unknown });
    expect(waits).toMatchObject({ status: "fulfilled", value: true });
  });

  test.each(forms)("of an argument, $name", async ({ of }) => {
    const list = await shared.list<unknown>();
    expect(await failureOf(of(list).push(new OnlyHere()))).toMatchObject(unknown);
  });
});

describe("the life of a manager", () => {
  const state = (error: unknown, reason: RegExp) => {
    expect(error).toBeInstanceOf(ManagerError);
    expect(error).toMatchObject({
      name: "ManagerError",
      code: "ERR_MANAGER_STATE",
      message: expect.stringMatching(reason),
    });
  };

  // 124 _TestMyManager.test_mymanager_context
  test("begins with Manager(), and ends with its block", async () => {
    let ended: SyncManager["process"];
    {
      await using inner = await Manager();
      expect(await (await inner.dict({ a: 1 })).get("a")).toBe(1);
      ended = inner.process;
      expect(ended!.exitcode).toBeUndefined();
    }
    expect(ended!.exitcode).toBe(0);
    expect(gone(ended!.pid)).toBe(true);
  });

  // 125 _TestMyManager.test_mymanager_context_prestarted
  test("ends with the block that it enters after it was started", async () => {
    const my = new MyManager();
    await my.start();
    {
      await using inner = my;
      expect(await (await inner.Counter()).increment()).toBe(1);
    }
    expect(my.process!.exitcode).toBe(0);
  });

  test("is told by inspect", async () => {
    const my = kept(new MyManager({ address: ["127.0.0.1", 0] }));
    const { inspect } = await import("node:util");
    expect(inspect(my)).toMatch(/^<MyManager\(initial, .*127\.0\.0\.1.*\)>$/);
    await my.start();
    expect(inspect(my)).toMatch(/^<MyManager\(started, .*127\.0\.0\.1.*[1-9]\d*.*\)>$/);
    await my.shutdown();
    expect(inspect(my)).toMatch(/^<MyManager\(shut down, /);
  });

  test("a manager that was not started makes nothing", async () => {
    const my = kept(new MyManager());
    const reason = /^cannot use the manager: it was neither started nor connected yet$/;
    state(await failureOf(my.dict()), reason);
    state(await failureOf(my.create("Counter")), reason);
    state(
      thrownBy(() => my.createSync("Counter")),
      reason,
    );
    for (const name of ["numberOfObjects", "clients", "debugInfo"] as const) state(await failureOf(my[name]()), reason);
    state(await failureOf(my.join()), /^cannot join the manager: it was not started, and is initial$/);
    expect(my.process).toBeUndefined();
    await my.shutdown();
    state(await failureOf(my.dict()), /it was shut down$/);
  });

  test("starts once, and neither connects nor serves besides", async () => {
    const my = await started();
    state(await failureOf(my.start()), /^cannot start the manager: it must not have been started, .*, and is started$/);
    state(await failureOf(my.connect()), /^cannot connect the manager: /);
    state(
      thrownBy(() => my.getServer()),
      /^cannot serve as the manager: /,
    );
    expect(await (await my.Counter()).increment()).toBe(1);
  });

  test("starts once, also if asked twice at a time", async () => {
    const my = kept(new MyManager());
    const both = await Promise.allSettled([my.start(), my.start()]);
    expect(both.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
    state((both[1] as PromiseRejectedResult).reason, /and is started$/);
    expect(await (await my.Counter()).increment()).toBe(1);
  });

  test("ends once: afterwards neither it nor its proxies can be used", async () => {
    const my = await started();
    const [counter, dict] = [await my.Counter(), await my.dict()];
    dict.sync.a = 1;
    await my.shutdown();
    await my.shutdown();
    state(await failureOf(my.Counter()), /^cannot use the manager: it was shut down$/);
    state(
      thrownBy(() => my.createSync("Counter")),
      /it was shut down$/,
    );
    state(await failureOf(my.start()), /and is shut down$/);
    for (const error of [
      await failureOf(counter.increment()),
      await failureOf(dict.get("a")),
      thrownBy(() => dict.sync.get("a")),
      thrownBy(() => dict.sync.a),
    ])
      expect(error).toMatchObject({ name: "ManagerError", code: "ERR_MANAGER_CLOSED" });
    expect([my.process!.exitcode, await my.join()]).toEqual([0, true]);
  });

  test("a call that is under way at the end is told so", async () => {
    const my = await started();
    const waits = failureOf((await my.Event()).wait());
    await my.shutdown();
    expect(await waits).toMatchObject({ name: "ManagerError", code: "ERR_MANAGER_CLOSED" });
  });

  test("leaves no server if it is shut down while it starts", async () => {
    const my = kept(new MyManager());
    const starting = failureOf(my.start());
    await Promise.all([my.shutdown(), my.shutdown()]);
    state(await starting, /^cannot start the manager: it was shut down meanwhile$/);
    expect([my.process!.exitcode, gone(my.process!.pid)]).toEqual([0, true]);
    state(await failureOf(my.Counter()), /it was shut down$/);
  });

  test("a server that is killed is noticed by every call", async () => {
    const my = await started();
    const [dict, waits] = [await my.dict({ a: 1 }), failureOf((await my.Event()).wait())];
    expect(dict.sync.a).toBe(1);
    process.kill(my.process!.pid, "SIGKILL");
    const error = await waits;
    expect(error).toBeInstanceOf(ConnectionLostError);
    expect(error).toMatchObject({ name: "ConnectionLostError", code: "ERR_CONNECTION_LOST" });
    expect(await my.join()).toBe(true);
    expect(my.process!.exitcode).toBe(-9);
    expect(await failureOf(dict.get("a"))).toBeInstanceOf(ConnectionLostError);
    expect(thrownBy(() => dict.sync.a)).toBeInstanceOf(ConnectionLostError);
    const again = await failureOf(dict.get("a"));
    expect(again).toMatchObject({ name: "ConnectionLostError", code: "ERR_CANNOT_CONNECT" });
    expect(again.message).toMatch(/^cannot connect to the manager at @/);
    expect(again.cause).toMatchObject({ code: "ECONNREFUSED" });
  });
});

describe("the initializer", () => {
  // 184 TestInitializers.test_manager_initializer
  test("must be a function, and runs once in the server", async () => {
    const namespace: NamespaceProxy = await shared.Namespace();
    const my = kept(new MyManager());
    for (const wrong of [1, "f", {}, null])
      expect(await failureOf(my.start(wrong as never))).toMatchObject({
        name: "TypeError",
        code: "ERR_INVALID_ARG_TYPE",
        message: expect.stringMatching(/^cannot start the manager: initializer must be a function, received /),
      });
    await my.start(types.counts, [namespace]);
    expect([await namespace.get("runs"), await namespace.get("pid")]).toEqual([1, my.process!.pid]);
    await my.Counter();
    expect(await namespace.get("runs")).toBe(1);
    await my.shutdown();
    expect(await my.join()).toBe(true);
  });

  test("runs before the first object is made", async () => {
    const my = kept(new MyManager());
    await my.start(types.initializes, ["by the test"]);
    expect(await (await my.create<Proxied<Pid>>("Pid")).started()).toBe("by the test");
  });

  test("that throws fails the start with its error; the manager may then be started", async () => {
    for (const fails of [types.throwsAtOnce, types.rejectsLater]) {
      const my = kept(new MyManager());
      const error = await failureOf(my.start(fails, ["not now"]));
      expect(error).toBeInstanceOf(RangeError);
      expect(error).toMatchObject({ message: "not now", code: "ERR_OF_FACTORY", given: { message: "not now" } });
      expect(my.process).toBeUndefined();
      await my.start();
      expect(await (await my.Counter()).increment()).toBe(1);
    }
  });

  test("that ends the server fails the start", async () => {
    const my = kept(new MyManager());
    const error = await failureOf(my.start(types.endsServer));
    expect(error).toMatchObject({ name: "ManagerError", code: "ERR_SERVER_DIED" });
    expect(error.message).toMatch(/its server did not begin to serve, it ended with 3$/);
  });

  test("that no module exports, and arguments that cannot travel, are refused", async () => {
    const my = kept(new MyManager());
    const evaluated = new Function("return 1") as () => unknown;
    const errors = [
      await failureOf(my.start(evaluated)),
      await failureOf(my.start(types.counts, [Symbol("x")] as never)),
    ];
    for (const error of errors) expect(error).toMatchObject({ name: "CodecError", code: "ERR_NOT_SERIALIZABLE" });
    expect(await failureOf(my.start(() => 1))).toMatchObject({ name: "IpcError", code: "ERR_FUNCTION_NOT_FOUND" });
  });
});

describe("over TCP", () => {
  const authkey = randomBytes(32);

  // 126 _TestRemoteManager.test_remote
  test("one manager puts a value, and another one gets it", async () => {
    const values = [
      "hello",
      null,
      true,
      2.25,
      "hall\u00e5 v\u00e4rlden",
      "\u043f\u0440\u0438\u0432\u0456\u0442",
      Buffer.from("\xe9", "latin1"),
    ];
    const server = kept(new SyncManager({ address: ["127.0.0.1", 0], authkey, serializer: "codec" }));
    await server.start();
    const address = server.address as [string, number];
    const queue = await server.Queue<unknown>();
    const shelf = await server.dict<any>({ queue });
    const [one, two] = [kept(new SyncManager({ address, authkey })), kept(new SyncManager({ address, authkey }))];
    await one.connect();
    await (await one.list([shelf])).get(0);
    await queue.put(values);
    await two.connect();
    expect(await (await shelf.get("queue")).get()).toEqual(values);
    expect(await failureOf(queue.put(() => {}))).toMatchObject({ code: "ERR_NOT_SERIALIZABLE" });
  });

  // 126 _TestRemoteManager.test_remote
  test("a server serves forever in one program, and others connect to it", async () => {
    const program = (name: string) => fileURLToPath(new URL(`../fixtures/${name}.mjs`, import.meta.url));
    const server = start(program("serve-forever"), ["secret"]);
    const [host, port] = JSON.parse(await server.line());
    expect([host, port]).toEqual(["127.0.0.1", expect.any(Number)]);
    const connects = async (...args: string[]) => {
      const { code, stderr, stdout } = await run(program("connects"), [String(port), ...args]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      return JSON.parse(stdout);
    };
    expect(await connects("secret", "first")).toEqual([1, ["first"]]);
    expect(await connects("secret", "second")).toEqual([2, ["first", "second"]]);
    expect(await connects("wrong", "third")).toEqual(["AuthenticationError", "ERR_AUTHENTICATION"]);
    server.child.stdin!.end();
    const { code, stdout, stderr } = await server.ended;
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout.trim().split("\n").at(-1)!)).toEqual(["first", "second"]);
  });

  // 127 _TestManagerRestart.test_rapid_restart
  test("another manager starts at the address that one has just left", async () => {
    const first = kept(new SyncManager({ address: ["127.0.0.1", 0], authkey }));
    await first.start();
    const { address } = first;
    const queue = await first.Queue();
    await queue.put("hello");
    expect(await queue.get()).toBe("hello");
    await first.shutdown();
    for (let i = 0; i < 3; i++) {
      const next = kept(new SyncManager({ address: address as [string, number], authkey }));
      await next.start();
      expect(next.address).toEqual(address);
      expect(await (await next.dict({ i })).get("i")).toBe(i);
      await next.shutdown();
      expect(next.process!.exitcode).toBe(0);
    }
  });

  test("who does not know the key is not heard, and the server goes on", async () => {
    const server = kept(new SyncManager({ address: ["127.0.0.1", 0], authkey }));
    await server.start();
    const stranger = kept(new SyncManager({ address: server.address as [string, number], authkey: randomBytes(32) }));
    const error = await failureOf(stranger.connect());
    expect(error).toBeInstanceOf(AuthenticationError);
    expect(error).toMatchObject({ name: "AuthenticationError", code: "ERR_AUTHENTICATION" });
    expect(await failureOf(stranger.dict())).toMatchObject({ code: "ERR_MANAGER_STATE" });
    expect((await server.clients()).length).toBe(1);
    expect(await (await server.dict({ a: 1 })).get("a")).toBe(1);
  });

  test("a manager that is shut down while it connects does not stay connected", async () => {
    const options = { address: ["127.0.0.1", 0] as [string, number], authkey };
    await using here = kept(new SyncManager(options)).getServer();
    await here.listen();
    const client = kept(new SyncManager({ ...options, address: here.address as [string, number] }));
    const connecting = failureOf(client.connect());
    await client.shutdown();
    expect(await connecting).toMatchObject({
      name: "ManagerError",
      code: "ERR_MANAGER_STATE",
      message: "cannot connect the manager: it was shut down meanwhile",
    });
    expect(await failureOf(client.dict())).toMatchObject({ code: "ERR_MANAGER_STATE" });
  });

  test("nobody is there: connect says so, and may be tried again", async () => {
    const server = kept(new SyncManager({ address: ["127.0.0.1", 0], authkey }));
    await server.start();
    const address = server.address as [string, number];
    await server.shutdown();
    const client = kept(new SyncManager({ address, authkey }));
    const error = await failureOf(client.connect());
    expect(error).toBeInstanceOf(ConnectionLostError);
    expect(error).toMatchObject({ code: "ERR_CANNOT_CONNECT", cause: { code: "ECONNREFUSED" } });
    const again = kept(new SyncManager({ address, authkey }));
    await again.start();
    await client.connect();
    expect(await (await client.dict({ a: 1 })).get("a")).toBe(1);
  });

  test("an address in use fails the start, with the error of the system", async () => {
    const occupied = createServer();
    await new Promise<void>((resolve) => occupied.listen(0, "127.0.0.1", resolve));
    const { port } = occupied.address() as { port: number };
    const my = kept(new SyncManager({ address: ["127.0.0.1", port], authkey }));
    const error = await failureOf(my.start());
    expect(error).toMatchObject({ code: "EADDRINUSE", syscall: "listen", port, address: "127.0.0.1" });
    expect(my.process).toBeUndefined();
    const server = kept(new SyncManager({ address: ["127.0.0.1", port], authkey })).getServer();
    expect(await failureOf(server.serveForever())).toMatchObject({ code: "EADDRINUSE", port });
    await server.close();
    await new Promise((resolve) => occupied.close(resolve));
    await my.start();
    expect(my.address).toEqual(["127.0.0.1", port]);
  });

  test("a manager that only connected leaves the server and others alone when it ends", async () => {
    const server = kept(new SyncManager({ address: ["127.0.0.1", 0], authkey }));
    await server.start();
    const dict = await server.dict({ a: 1 });
    const address = server.address as [string, number];
    const [one, two] = [kept(new SyncManager({ address, authkey })), kept(new SyncManager({ address, authkey }))];
    await one.connect();
    await two.connect();
    const theirs = await two.dict({ b: 2 });
    await one.shutdown();
    expect(await failureOf(one.dict())).toMatchObject({ code: "ERR_MANAGER_STATE" });
    expect([await theirs.get("b"), theirs.sync.b]).toEqual([2, 2]);
    await two.shutdown();
    expect([await dict.get("a"), dict.sync.a, await (await server.list([1])).length()]).toEqual([1, 1, 1]);
  });
});

describe("a server of this process", () => {
  test("serves what is here, until it is closed", async () => {
    let n = 0;
    class Here extends BaseManager {}
    Here.register("here", () => ({ next: () => ++n }));
    const options = { address: ["127.0.0.1", 0] as [string, number], authkey: "secret" };
    await using server = kept(new Here(options)).getServer();
    const serving = server.serveForever();
    await server.listen();
    const client = kept(new Here({ ...options, address: server.address as [string, number] }));
    await client.connect();
    const here = await client.create<Proxied<{ next(): number }>>("here");
    expect([await here.next(), await here.next(), n]).toEqual([1, 2, 2]);
    await server.close();
    await serving;
    expect(thrownBy(() => server.listen())).toMatchObject({ name: "ManagerError", code: "ERR_MANAGER_CLOSED" });
    expect(await failureOf(here.next())).toBeInstanceOf(ConnectionLostError);
  });
});
