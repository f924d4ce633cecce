/** What methods of registered types know of the call that they run for. */
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import {
  BaseManager,
  BaseProxy,
  type CallOptions,
  type CurrentCall,
  callMethod,
  currentCall,
  type DictProxy,
  type Proxied,
  type Server,
  served,
} from "@cordage/manager";
import { endLeftOver, start, until } from "@cordage/test-support";
import { afterAll, beforeAll, beforeEach, expect, test } from "@jest/globals";
import { BadNetwork } from "./support/bad-network.js";
import { failureOf, thrownBy } from "./support/failures.js";

const authkey = "abracadabra";

class Worker {
  signals: AbortSignal[] = [];
  callers: string[] = [];
  kept: CurrentCall[] = [];
  begun = 0;

  private begin(): AbortSignal {
    const { signal, caller } = currentCall()!;
    this.signals.push(signal);
    this.callers.push(caller);
    this.begun++;
    return signal;
  }
  began(): number {
    return this.begun;
  }
  async untilAborted(): Promise<string> {
    const signal = this.begin();
    if (!signal.aborted) await once(signal, "abort");
    signal.throwIfAborted();
    return "not reached";
  }
  /** As any function of Node is told. */
  async work(what: string, { signal, ...rest }: { signal?: AbortSignal; times?: number } = {}): Promise<unknown> {
    const same = this.begin() === signal;
    if (what === "wait") await once(signal!, "abort");
    return [what, signal instanceof AbortSignal, same, rest];
  }
  async seenLater(): Promise<[boolean, boolean]> {
    const now = currentCall() !== undefined;
    await null;
    return [now, currentCall() !== undefined];
  }
  /** Does not ask for its signal. */
  keepsCall(waits: boolean): Promise<void> | undefined {
    this.kept.push(currentCall()!);
    return waits ? new Promise(() => {}) : undefined;
  }
  givesSignal(): unknown {
    return { signal: currentCall()!.signal };
  }
  fails(): never {
    throw new RangeError("no");
  }
  /** Calls another one's method while it runs itself. */
  nested(other: Proxied<Worker>): unknown[] {
    const before = currentCall()!.caller;
    const inner = other.sync.whoCalls();
    return [before === currentCall()!.caller, inner];
  }
  whoCalls(): string {
    return currentCall()!.caller;
  }
}

class WorkerProxy extends BaseProxy {
  untilAborted(options?: CallOptions): Promise<string> {
    return this.call("untilAborted", [], options);
  }
}

const worker = new Worker();
let server: Server;
let client: BaseManager;
let proxy: Proxied<Worker>;
beforeAll(async () => {
  class Workers extends BaseManager {}
  Workers.register("worker", () => worker);
  Workers.register("dict", served.dict);
  Workers.register("other", () => new Worker());
  server = new Workers({ address: ["127.0.0.1", 0], authkey }).getServer();
  await server.listen();
  client = new BaseManager({ address: server.address, authkey });
  await client.connect();
  proxy = await client.create("worker");
});
afterAll(async () => {
  await client.shutdown();
  await server.close();
  await endLeftOver();
});
beforeEach(() => {
  Object.assign(worker, { signals: [], callers: [], kept: [], begun: 0 });
});

test("a call that is cancelled tells its method so, and the caller its own reason", async () => {
  const [aborter, reason] = [new AbortController(), new Error("enough")];
  const cancelled = failureOf(proxy.work("wait", { signal: aborter.signal, times: 2 }));
  await until(() => worker.begun === 1);
  expect(worker.signals[0]!.aborted).toBe(false);
  aborter.abort(reason);
  expect(await cancelled).toBe(reason);
  expect(worker.signals[0]).toMatchObject({ aborted: true, reason: { name: "AbortError" } });
});

test("the options of a call arrive as they were, and its signal where it was", async () => {
  const { signal } = new AbortController();
  expect(await proxy.work("a", { signal, times: 2 })).toEqual(["a", true, true, { times: 2 }]);
  expect(await proxy.work("b", { times: 3 })).toEqual(["b", false, false, { times: 3 }]);
  expect(await proxy.work("c", { signal: undefined })).toEqual(["c", false, false, {}]);
  expect(await proxy.work("d")).toEqual(["d", false, false, {}]);
});

test("a signal that is aborted already keeps the call from being made", async () => {
  const reason = new Error("before");
  expect(await failureOf(proxy.work("a", { signal: AbortSignal.abort(reason) }))).toBe(reason);
  expect(await proxy.began()).toBe(0);
});

test("a call that has its result does not end with its signal, nor with its session", async () => {
  const aborter = new AbortController();
  await proxy.work("a", { signal: aborter.signal });
  aborter.abort();
  expect([await proxy.began(), worker.signals[0]!.aborted]).toEqual([1, false]);
});

test("a class of proxies of one's own cancels by the options of call", async () => {
  class Own extends BaseManager {}
  Own.register("own", undefined, { proxy: WorkerProxy });
  class Owners extends BaseManager {}
  Owners.register("own", () => worker, { proxy: WorkerProxy });
  await using other = new Owners({ address: ["127.0.0.1", 0], authkey }).getServer();
  await other.listen();
  await using manager = new Own({ address: other.address, authkey });
  await manager.connect();
  const mine = await manager.create<WorkerProxy>("own");
  const aborter = new AbortController();
  const cancelled = failureOf(mine.untilAborted({ signal: aborter.signal }));
  await until(() => worker.begun === 1);
  aborter.abort();
  expect(await cancelled).toMatchObject({ name: "AbortError" });
  expect(worker.signals[0]!.aborted).toBe(true);
});

test("the end of the caller's session aborts the signals of its calls, also without one of its own", async () => {
  const child = start(fileURLToPath(new URL("./fixtures/waits-until-killed.mjs", import.meta.url)), [
    String((server.address as [string, number])[1]),
    authkey,
  ]);
  expect(await child.line()).toBe("called");
  expect(worker.callers).toEqual([`process ${child.child.pid}`]);
  expect(worker.signals[0]!.aborted).toBe(false);
  child.child.kill("SIGKILL");
  await child.ended;
  await until(() => worker.signals[0]!.aborted);
});

test("a connection that breaks aborts the signals of its calls, although the session lasts", async () => {
  class Lingering extends BaseManager {}
  Lingering.register("worker", () => worker);
  await using lasting = new Lingering({ address: ["127.0.0.1", 0], authkey, linger: 60_000 }).getServer();
  await lasting.listen();
  const network = await BadNetwork.before(lasting.address as [string, number]);
  await using manager = new BaseManager({ address: network.address, authkey });
  await manager.connect();
  const theirs = await manager.create<Proxied<Worker>>("worker");
  const lost = failureOf(theirs.untilAborted());
  await until(() => worker.begun === 1);
  network.cut();
  expect(await lost).toMatchObject({ code: "ERR_CONNECTION_LOST" });
  await until(() => worker.signals[0]!.aborted);
  expect(await theirs.began()).toBe(1);
  network.close();
});

test("what is no AbortSignal is refused, and nothing is called", async () => {
  const before = worker.kept.length;
  for (const signal of [5, {}] as never[])
    expect(await failureOf(callMethod(proxy, "keepsCall", [false], { signal }))).toMatchObject({
      code: "ERR_INVALID_ARG_TYPE",
      message: expect.stringMatching(/^cannot call a method: signal must be an AbortSignal, received /),
    });
  await proxy.keepsCall(false);
  expect(worker.kept).toHaveLength(before + 1);
});

test("a signal that is asked for when the call is over tells how that was", async () => {
  const aborter = new AbortController();
  await proxy.keepsCall(false);
  const cancelled = failureOf(callMethod(proxy, "keepsCall", [true], { signal: aborter.signal }));
  await until(() => worker.kept.length === 2);
  aborter.abort();
  await cancelled;
  expect(worker.kept.map((call) => call.signal.aborted)).toEqual([false, true]);
});

test("outside of a call, and after its first await, there is none", async () => {
  expect(currentCall()).toBeUndefined();
  expect(await proxy.seenLater()).toEqual([true, false]);
  await failureOf(proxy.fails());
  expect(currentCall()).toBeUndefined();
});

test("a call within a call is one of the server's own", async () => {
  const other = await client.create<Proxied<Worker>>("other");
  expect(await proxy.nested(other)).toEqual([true, "the server"]);
  expect(await proxy.whoCalls()).toBe(`process ${process.pid}`);
});

test("a signal travels nowhere else", async () => {
  const { signal } = new AbortController();
  const refused = { name: "CodecError", code: "ERR_NOT_SERIALIZABLE" };
  expect(await failureOf((proxy as any).work({ signal }, "last"))).toMatchObject(refused);
  expect(await failureOf((proxy as any).work([signal]))).toMatchObject(refused);
  expect(thrownBy(() => proxy.sync.work("a", { signal }))).toMatchObject(refused);
  expect(await failureOf(proxy.givesSignal())).toMatchObject(refused);
  const dict = await client.create<DictProxy>("dict");
  expect(await failureOf(dict.set("a", { signal }, { signal }))).toMatchObject(refused);
  expect(await proxy.whoCalls()).toBe(`process ${process.pid}`);
});
