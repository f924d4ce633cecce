import {
  type ArrayProxy,
  type AsyncResultProxy,
  type BaseManager,
  type BaseProxy,
  type CurrentCall,
  callMethod,
  callMethodSync,
  currentCall,
  type DictProxy,
  type IteratorProxy,
  type ListProxy,
  type LockProxy,
  type Manager,
  type Namespace,
  type NamespaceProxy,
  type PoolProxy,
  type Proxied,
  type QueueProxy,
  type SetProxy,
  SyncManager,
  served,
  type ValueProxy,
} from "@cordage/manager";
import { test } from "@jest/globals";
import { expectTypeOf } from "expect-type";

declare const square: (x: number) => number;
declare const fetched: (url: string, times?: number) => Promise<Buffer>;
interface Job {
  id: number;
  name?: string;
}
declare class Counter {
  count: number;
  increment(by?: number): number;
  later(): Promise<string>;
}

interface Phone {
  call(number: string): boolean;
  sync(): number;
  toString(): string;
}

// The types themselves are checked by `npm run lint`: none of these calls is made.
function containers(manager: SyncManager): void {
  expectTypeOf(manager.dict()).toEqualTypeOf<Promise<DictProxy<any>>>();
  expectTypeOf(manager.dict<Job>()).toEqualTypeOf<Promise<DictProxy<Job>>>();
  expectTypeOf(manager.dict({ a: 1, b: 2 })).toEqualTypeOf<Promise<DictProxy<number>>>();
  expectTypeOf(manager.dict(new Map([["a", "b"]]))).toEqualTypeOf<Promise<DictProxy<string>>>();
  expectTypeOf(manager.list()).toEqualTypeOf<Promise<ListProxy<any>>>();
  expectTypeOf(manager.list([1, 2])).toEqualTypeOf<Promise<ListProxy<number>>>();
  expectTypeOf(manager.list(new Set(["a"]))).toEqualTypeOf<Promise<ListProxy<string>>>();
  expectTypeOf(manager.set([1n])).toEqualTypeOf<Promise<SetProxy<bigint>>>();
  expectTypeOf(manager.Namespace({ x: 1, y: "2" })).toEqualTypeOf<Promise<NamespaceProxy<{ x: number; y: string }>>>();
  expectTypeOf(manager.Value("int64", 1n)).toEqualTypeOf<Promise<ValueProxy<"int64">>>();
  expectTypeOf(manager.Array("float32", 5)).toEqualTypeOf<Promise<ArrayProxy<"float32">>>();
  expectTypeOf(manager.Queue<Job>(3)).toEqualTypeOf<Promise<QueueProxy<Job>>>();
  expectTypeOf<ReturnType<typeof Manager>>().toEqualTypeOf<Promise<SyncManager>>();
}

function promises(
  d: DictProxy<number>,
  l: ListProxy<Job>,
  s: SetProxy<string>,
  n: NamespaceProxy<{ x: number; y: string }>,
): void {
  expectTypeOf(d.get("a")).toEqualTypeOf<Promise<number | undefined>>();
  expectTypeOf(d.set).parameter(1).toEqualTypeOf<number>();
  expectTypeOf(d.items()).toEqualTypeOf<Promise<Array<[string, number]>>>();
  expectTypeOf(d.increment("a")).toEqualTypeOf<Promise<number>>();
  expectTypeOf(d.getValue()).toEqualTypeOf<Promise<Record<string, number>>>();
  expectTypeOf(l.get(0)).toEqualTypeOf<Promise<Job | undefined>>();
  expectTypeOf(l.slice(1)).toEqualTypeOf<Promise<Job[]>>();
  expectTypeOf(l[Symbol.asyncIterator]()).toEqualTypeOf<AsyncGenerator<Job, void, undefined>>();
  expectTypeOf(s.getValue()).toEqualTypeOf<Promise<Set<string>>>();
  expectTypeOf(s.pop()).toEqualTypeOf<Promise<string | undefined>>();
  expectTypeOf(n.get("x")).toEqualTypeOf<Promise<number | undefined>>();
  expectTypeOf(n.get("y")).toEqualTypeOf<Promise<string | undefined>>();
  expectTypeOf(n.getValue()).toEqualTypeOf<Promise<Namespace & { x: number; y: string }>>();
}

function numbers(
  v: ValueProxy<"int64">,
  flag: ValueProxy<"bool">,
  a: ArrayProxy<"uint8">,
  b: ArrayProxy<"int64">,
): void {
  expectTypeOf(v.get()).toEqualTypeOf<Promise<bigint>>();
  expectTypeOf(v.sync.value).toEqualTypeOf<bigint>();
  expectTypeOf(flag.sync.value).toEqualTypeOf<boolean>();
  expectTypeOf(flag.add).parameter(0).toEqualTypeOf<never>();
  expectTypeOf(a.get(0)).toEqualTypeOf<Promise<number>>();
  expectTypeOf(a.sync[0]).toEqualTypeOf<number | undefined>();
  expectTypeOf(b.sync.add(0, 1n)).toEqualTypeOf<bigint>();
  expectTypeOf(b.sync.get(0)).toEqualTypeOf<bigint>();
}

function blocking(d: DictProxy<number>, l: ListProxy<Job>, n: NamespaceProxy<{ x: number }>, lock: LockProxy): void {
  expectTypeOf(d.sync.get("a")).toEqualTypeOf<number | undefined>();
  expectTypeOf(d.sync.keys()).toEqualTypeOf<string[]>();
  expectTypeOf(d.sync.anything).toExtend<unknown>();
  expectTypeOf(l.sync.push({ id: 1 })).toEqualTypeOf<number>();
  expectTypeOf(l.sync.getValue()).toEqualTypeOf<Job[]>();
  expectTypeOf(l.sync[0]).toEqualTypeOf<Job | undefined>();
  expectTypeOf(n.sync.x).toEqualTypeOf<number>();
  expectTypeOf(lock.sync.acquire({ timeout: 5 })).toEqualTypeOf<boolean>();
  expectTypeOf(lock.sync.hold()).toExtend<Disposable>();
  expectTypeOf(lock.sync).not.toHaveProperty("sync");
}

function pools(pool: PoolProxy): void {
  expectTypeOf(pool.apply(square, [1])).toEqualTypeOf<Promise<number>>();
  expectTypeOf(pool.apply(fetched, ["url"])).toEqualTypeOf<Promise<Buffer>>();
  expectTypeOf(pool.applyAsync(fetched, ["url"])).toEqualTypeOf<Promise<AsyncResultProxy<Buffer>>>();
  expectTypeOf(pool.map(square, new Set([1]))).toEqualTypeOf<Promise<number[]>>();
  expectTypeOf(pool.mapAsync(square, [1])).toEqualTypeOf<Promise<AsyncResultProxy<number[]>>>();
  expectTypeOf(pool.starmap(fetched, [["url", 1]])).toEqualTypeOf<Promise<Buffer[]>>();
  expectTypeOf(pool.imap(square, [1])).toEqualTypeOf<Promise<IteratorProxy<number>>>();
  expectTypeOf<AsyncResultProxy<Buffer>["get"]>().returns.toEqualTypeOf<Promise<Buffer>>();
  expectTypeOf<IteratorProxy<number>["next"]>().returns.toEqualTypeOf<Promise<IteratorResult<number, undefined>>>();
}

function ownTypes(manager: BaseManager, phone: Proxied<Phone>): void {
  expectTypeOf(manager.create("Counter")).toEqualTypeOf<Promise<BaseProxy>>();
  expectTypeOf(manager.createSync<Proxied<Counter>>("Counter")).toEqualTypeOf<Proxied<Counter>>();
  expectTypeOf<Proxied<Counter>["increment"]>().toEqualTypeOf<(by?: number) => Promise<number>>();
  expectTypeOf<Proxied<Counter>["later"]>().toEqualTypeOf<() => Promise<string>>();
  expectTypeOf<Proxied<Counter>["sync"]["increment"]>().toEqualTypeOf<(by?: number) => number>();
  expectTypeOf<Proxied<Counter>["sync"]["later"]>().toEqualTypeOf<() => string>();
  expectTypeOf<Proxied<Counter>>().not.toHaveProperty("count");
  expectTypeOf(phone.toString()).toEqualTypeOf<string>();
  expectTypeOf(callMethod<boolean>(phone, "call", ["0"])).toEqualTypeOf<Promise<boolean>>();
  expectTypeOf(callMethod<number>(phone, "sync")).toEqualTypeOf<Promise<number>>();
  expectTypeOf(callMethodSync(phone, "sync", [1])).toEqualTypeOf<unknown>();
}

function made(): void {
  expectTypeOf(served.Queue<Job>()).toEqualTypeOf<QueueProxy<Job>>();
  expectTypeOf(served.Queue()).toEqualTypeOf<QueueProxy<any>>();
  expectTypeOf(served.dict({ a: 1 })).toEqualTypeOf<DictProxy<number>>();
  expectTypeOf(served.list(["a"]).sync[0]).toEqualTypeOf<string | undefined>();
  expectTypeOf(served.Value("int64", 1n).get()).toEqualTypeOf<Promise<bigint>>();
  expectTypeOf([...served.list<Job>().sync]).toEqualTypeOf<Job[]>();
  expectTypeOf([...served.dict<Job>().sync]).toEqualTypeOf<string[]>();
  expectTypeOf([...served.Array("int64", 1).sync]).toEqualTypeOf<bigint[]>();
  expectTypeOf([...served.set([1]).sync, ...served.Queue<number>().sync]).toEqualTypeOf<number[]>();
  expectTypeOf(currentCall()).toEqualTypeOf<CurrentCall | undefined>();
  // @ts-expect-error: values are numbers
  served.dict<number>().set("a", "1");
  // @ts-expect-error: there is no such serializer
  new SyncManager({ serializer: "xmlrpclib" });
}

function refused(manager: SyncManager, d: DictProxy<number>, n: NamespaceProxy<{ x: number }>, pool: PoolProxy): void {
  // @ts-expect-error: values are numbers
  d.set("a", "1");
  // @ts-expect-error: values are numbers
  d.sync.a = "1";
  // @ts-expect-error: no such name
  n.get("z");
  // @ts-expect-error: x is a number
  n.sync.x = "1";
  // @ts-expect-error: no such kind
  manager.Value("int", 1);
  // @ts-expect-error: of a bigint
  manager.Value("int64", 1);
  // @ts-expect-error: there are no arrays of booleans
  manager.Array("bool", [true]);
  // @ts-expect-error: a Lock or RLock
  manager.Condition(d);
  // @ts-expect-error: not iterable
  manager.list(5);
  // @ts-expect-error: items are numbers
  pool.map(square, ["1"]);
  // @ts-expect-error: one argument too many
  pool.apply(square, [1, 2]);
  // @ts-expect-error: functions
  new SyncManager({ functions: ["square"] });
}

test("items, results and what blocks have the types of what they stand for, and wrong ones are refused", () => {
  for (const checked of [containers, promises, numbers, blocking, pools, ownTypes, made, refused])
    expectTypeOf(checked).toBeFunction();
});
