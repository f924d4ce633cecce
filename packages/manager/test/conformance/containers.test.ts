/** Containers of a manager: what each method does, as a promise and blocking, and what is refused. */
import { inspect } from "node:util";
import {
  type ArrayProxy,
  type DictProxy,
  type ListProxy,
  Manager,
  Namespace,
  SyncManager,
  type ValueProxy,
} from "@cordage/manager";
import { describe, expect, test } from "@jest/globals";
import { all } from "../support/all.js";
import { badRange, badType, failureOf, refused, thrownBy } from "../support/failures.js";
import { forms } from "../support/forms.js";
import { startedManager } from "../support/managers.js";

const manager = startedManager(new SyncManager());

describe.each(forms)("a dict, $name,", ({ of }) => {
  const dict = async <V = any>(init?: any): Promise<DictProxy<V>> => of(await manager.dict<V>(init));

  // 86 _TestContainers.test_dict
  test("gives plain snapshots of its keys, values and items, in the order in which they were set", async () => {
    const d = await dict<string>();
    const indices = [65, 66, 67, 68, 69];
    for (const i of indices) await d.set(i, String.fromCharCode(i));
    expect(await d.getValue()).toEqual({ 65: "A", 66: "B", 67: "C", 68: "D", 69: "E" });
    expect(await d.keys()).toEqual(["65", "66", "67", "68", "69"]);
    expect(await d.values()).toEqual(["A", "B", "C", "D", "E"]);
    expect(await d.items()).toEqual(indices.map((i) => [String(i), String.fromCharCode(i)]));
    expect(await d.size()).toBe(5);
  });

  test("begins as a record, a Map, pairs, another dict, or empty", async () => {
    const record = await manager.dict({ a: 1, b: [2] });
    expect(await record.getValue()).toEqual({ a: 1, b: [2] });
    for (const init of [
      new Map<any, any>([
        ["a", 1],
        ["b", [2]],
      ]),
      [
        ["a", 1],
        ["b", [2]],
      ],
      record,
    ])
      expect(await (await dict(init)).items()).toEqual(await record.items());
    expect(await (await dict()).getValue()).toEqual({});
    expect(await (await dict(new Map([[7, "x"]]))).getValue()).toEqual({ 7: "x" });
  });

  test("gets an item, or what stands for one that is not there", async () => {
    const d = await dict({ a: 1, nothing: undefined, "": "empty" });
    expect([await d.get("a"), await d.get("b"), await d.get("b", 7), await d.get("")]).toEqual([
      1,
      undefined,
      7,
      "empty",
    ]);
    expect(await d.get("nothing", 7)).toBeUndefined();
    expect([await d.has("nothing"), await d.has("b")]).toEqual([true, false]);
  });

  test("takes a number for its decimal text", async () => {
    const d = await dict();
    await d.set(1, "one");
    await d.set("1.5", "more");
    expect([await d.get("1"), await d.get(1), await d.get(1.5), await d.has(1)]).toEqual(["one", "one", "more", true]);
    expect(await d.delete(1)).toBe(true);
    expect(await d.keys()).toEqual(["1.5"]);
  });

  test("has items whose names mean something to objects", async () => {
    const d = await dict();
    const names = ["__proto__", "constructor", "hasOwnProperty", "toString", "then", "size"];
    for (const name of names) expect([await d.has(name), await d.get(name)]).toEqual([false, undefined]);
    for (const name of names) await d.set(name, name.length);
    expect(await d.keys()).toEqual(names);
    expect(Object.entries(await d.getValue())).toEqual(names.map((name) => [name, name.length]));
  });

  test("deletes, pops and clears", async () => {
    const d = await dict({ a: 1, b: 2, c: 3, d: 4 });
    expect([await d.delete("a"), await d.delete("a")]).toEqual([true, false]);
    expect([await d.pop("b"), await d.pop("b"), await d.pop("b", 9)]).toEqual([2, undefined, 9]);
    expect(await d.popItem()).toEqual(["d", 4]);
    await d.set("c", 5);
    expect([await d.popItem(), await d.popItem()]).toEqual([["c", 5], undefined]);
    await d.set("e", 1);
    await d.clear();
    expect([await d.size(), await d.getValue()]).toEqual([0, {}]);
  });

  test("sets what is not there, and updates with another", async () => {
    const d = await dict({ a: 1 });
    expect([await d.setDefault("a", 2), await d.setDefault("b", 3), await d.get("b")]).toEqual([1, 3, 3]);
    await d.update({ b: 4, c: 5 });
    await d.update([["d", 6]]);
    await d.update(new Map([["e", 7]]));
    await d.update(await manager.dict({ a: 8 }));
    expect(await d.getValue()).toEqual({ a: 8, b: 4, c: 5, d: 6, e: 7 });
  });

  test("increments numbers and bigints in one step, and begins with zero", async () => {
    const d = await dict();
    expect([await d.increment("n"), await d.increment("n", 5), await d.increment("n", -0.5)]).toEqual([1, 6, 5.5]);
    expect([await d.increment("big", 2n ** 70n), await d.increment("big", 1n)]).toEqual([2n ** 70n, 2n ** 70n + 1n]);
  });

  test("does not lose an increment of many at a time", async () => {
    const d = await dict();
    const sums = await Promise.all(Array.from({ length: 100 }, () => d.increment("n")));
    expect(sums.sort((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
  });

  test("iterates over the keys that were there when it began", async () => {
    const d = await dict({ a: 1, b: 2 });
    const seen: string[] = [];
    for await (const key of d) {
      seen.push(key);
      await d.set(`${key}${key}`, 0);
    }
    expect([seen, await d.size()]).toEqual([["a", "b"], 4]);
  });

  test("keeps every kind of value, and gives copies of it", async () => {
    const value = { date: new Date(5), map: new Map([[1, new Set([2n])]]), bytes: Buffer.from([1, 2]), none: null };
    const d = await dict();
    await d.set("v", value);
    const copy = await d.get("v");
    expect(copy).toEqual(value);
    copy.none = "changed";
    expect((await d.get("v")).none).toBeNull();
  });

  test("refuses keys that are neither strings nor numbers", async () => {
    const d = (await dict({ a: 1 })) as any;
    for (const key of [{}, undefined, null, true, 1n, ["a"]]) {
      await badType(d.get(key), /^cannot get from the dict: a key must be a string or a number, received /);
      await badType(d.set(key, 1), /^cannot set in the dict: /);
      await badType(d.has(key), /^cannot look into the dict: /);
      await badType(d.delete(key), /^cannot delete from the dict: /);
      for (const method of ["pop", "setDefault", "increment"]) await badType(d[method](key, 1));
    }
    await badType(d.update([[{}, 1]]));
    expect(await d.getValue()).toEqual({ a: 1 });
  });

  test("refuses what is no source of items, and then changes nothing", async () => {
    const d = (await dict({ a: 1 })) as any;
    for (const source of [1, "ab", null, undefined, [1], [["b", 2], ["c"]], [["b", 2, 3]], await manager.list([1])])
      await badType(d.update(source));
    expect(await d.getValue()).toEqual({ a: 1 });
    for (const source of [1, "ab", [1]]) await badType(manager.dict(source as any));
  });

  test("refuses to increment what is no number, and by another kind of number", async () => {
    const d = (await dict({ text: "1", n: 1, big: 1n })) as any;
    await badType(d.increment("text"), /what is there must be a number, as is added, received '1'/);
    await badType(d.increment("n", 1n));
    await badType(d.increment("big"));
    await badType(d.increment("n", "1"));
    expect(await d.values()).toEqual(["1", 1, 1n]);
  });

  test("refuses a value that cannot travel, before it is sent", async () => {
    const d = await dict();
    const error = await failureOf(d.set("f", { on: [() => {}] }));
    expect(error).toMatchObject({ name: "CodecError", code: "ERR_NOT_SERIALIZABLE", path: "$[1].on[0]" });
    expect(error.message).toMatch(/^cannot encode \$\[1\]\.on\[0\]: an anonymous function/);
    expect(error.cause).toBeUndefined();
    expect(await d.size()).toBe(0);
  });
});

describe("sync of a dict", () => {
  test("has the items as properties", async () => {
    const { sync } = await manager.dict<any>({ name: "alvin" });
    sync.name = "theodore";
    sync[1] = "one";
    expect([sync.name, sync[1], sync.missing]).toEqual(["theodore", "one", undefined]);
    expect(["name" in sync, "1" in sync, "missing" in sync]).toEqual([true, true, false]);
    expect(delete sync.name).toBe(true);
    expect(delete sync.name).toBe(true);
    expect([Object.keys(sync), Object.entries(sync), { ...sync }]).toEqual([["1"], [["1", "one"]], { 1: "one" }]);
  });

  test("is iterated over the keys that were there when it began, as the dict is", async () => {
    const { sync } = await manager.dict<any>({ a: 1, b: 2 });
    expect([...sync]).toEqual(["a", "b"]);
    const seen = [];
    for (const key of sync) {
      seen.push(key);
      sync.c = 3;
    }
    expect([seen, new Set(sync)]).toEqual([["a", "b"], new Set(["a", "b", "c"])]);
    expect([Symbol.iterator in sync, Symbol.asyncIterator in sync]).toEqual([true, false]);
  });

  test("has own properties where items are, and no others", async () => {
    const { sync } = await manager.dict<any>({ a: undefined, keys: 1 });
    expect([Object.hasOwn(sync, "a"), Object.hasOwn(sync, "b"), Object.hasOwn(sync, "get")]).toEqual([
      true,
      false,
      false,
    ]);
    expect(Object.getOwnPropertyDescriptor(sync, "a")).toEqual({
      value: undefined,
      writable: true,
      enumerable: true,
      configurable: true,
    });
    expect(Object.keys(sync)).toEqual(["a", "keys"]);
    const names = [];
    for (const name in sync) names.push(name);
    expect(names).toEqual(["a", "keys"]);
    Object.defineProperty(sync, "b", { value: 5, configurable: true });
    expect(sync.getValue()).toEqual({ a: undefined, keys: 1, b: 5 });
  });

  test("can neither be frozen nor have items that do not change", async () => {
    const { sync } = await manager.dict<any>({ a: 1 });
    expect(() => Object.freeze(sync)).toThrow(TypeError);
    expect(() => Object.defineProperty(sync, "a", { value: 2, configurable: false })).toThrow(TypeError);
    sync.a = 3;
    expect(sync.a).toBe(3);
  });

  test("does not let an item hide a method, and has both", async () => {
    const d = await manager.dict<any>({ keys: "an item" });
    expect(d.sync.keys()).toEqual(["keys"]);
    expect(d.sync.get("keys")).toBe("an item");
    expect(thrownBy(() => Object.assign(d.sync, { keys: 1 }))).toMatchObject({
      name: "TypeError",
      code: "ERR_INVALID_ARG_TYPE",
      message: "cannot set keys: it is no item of a DictProxy",
    });
    expect(thrownBy(() => Reflect.deleteProperty(d.sync, "keys"))).toMatchObject({ code: "ERR_INVALID_ARG_TYPE" });
  });

  test("is one and the same object, and can be awaited", async () => {
    const d = await manager.dict({ a: 1 });
    expect(d.sync).toBe(d.sync);
    expect(await d.sync).toBe(d.sync);
  });
});

describe.each(forms)("a list, $name,", ({ of }) => {
  const list = async <T = any>(init?: any): Promise<ListProxy<T>> => of(await manager.list<T>(init));
  const digits = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

  // 82 _TestContainers.test_list
  test("slices, extends, repeats and concatenates as Python's", async () => {
    const a = await list(digits);
    expect(await a.slice()).toEqual(digits);
    const b = await list();
    expect(await b.slice()).toEqual([]);
    expect(await b.extend([0, 1, 2, 3, 4])).toBe(5);
    expect([await b.get(2), await b.slice(2, 10)]).toEqual([2, [2, 3, 4]]);
    await b.repeat(2);
    expect(await b.getValue()).toEqual([0, 1, 2, 3, 4, 0, 1, 2, 3, 4]);
    expect(await b.concat([5, 6])).toEqual([0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 5, 6]);
    expect(await a.getValue()).toEqual(digits);
  });

  // 82 _TestContainers.test_list
  test("of lists shows what becomes of them", async () => {
    const [a, b] = [await manager.list<any>(digits), await manager.list([1, 2])];
    const outer = await list([a, b]);
    expect(await Promise.all((await outer.getValue()).map((inner) => inner.getValue()))).toEqual([digits, [1, 2]]);
    const nested = await list([a]);
    await a.push("hello");
    expect(await (await nested.get(0)).getValue()).toEqual([...digits, "hello"]);
    expect(await (await nested.get(0)).get(-1)).toBe("hello");
  });

  // 84 _TestContainers.test_list_iter
  test("is iterated item by item, each as it is when its turn comes", async () => {
    const a = await list(digits);
    const iterator = a[Symbol.asyncIterator]();
    expect(await all(iterator)).toEqual(digits);
    expect(await all(iterator)).toEqual([]);
    const lazy = a[Symbol.asyncIterator]();
    await a.set(0, 100);
    expect(await all(lazy)).toEqual([100, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const growing: number[] = [];
    const short = await list([1]);
    for await (const item of short) if (growing.push(item) < 4) await short.push(item + 1);
    expect(growing).toEqual([1, 2, 3, 4]);
  });

  test("begins as any iterable, another list, a set, an array, or empty", async () => {
    const sources = [new Set([1, 2]), new Map([[1, 2]]).keys(), await manager.list([1, 2]), await manager.set([1, 2])];
    for (const source of [
      sources[0],
      sources[2],
      sources[3],
      await manager.Array("int8", [1, 2]),
      new Uint8Array([1, 2]),
    ])
      expect(await (await list(source)).getValue()).toEqual([1, 2]);
    expect(await (await list()).getValue()).toEqual([]);
    expect(await (await list([undefined, null])).getValue()).toEqual([undefined, null]);
  });

  test("counts indexes from either end", async () => {
    const l = await list(["a", "b", "c"]);
    expect([await l.get(0), await l.get(-1), await l.get(-3), await l.get(3), await l.get(-4)]).toEqual([
      "a",
      "c",
      "a",
      undefined,
      undefined,
    ]);
    await l.set(-1, "z");
    await l.insert(0, "first");
    await l.insert(-1, "before z");
    await l.insert(5, "last");
    expect(await l.getValue()).toEqual(["first", "a", "b", "before z", "z", "last"]);
    expect([await l.pop(0), await l.pop(-1), await l.pop(), await l.length()]).toEqual(["first", "last", "z", 3]);
  });

  test("pushes and shifts at both ends", async () => {
    const l = await list([2]);
    expect([await l.push(3, 4), await l.unshift(0, 1), await l.push(), await l.unshift()]).toEqual([3, 5, 5, 5]);
    expect([await l.shift(), await l.pop(), await l.getValue()]).toEqual([0, 4, [1, 2, 3]]);
    const empty = await list();
    expect([await empty.pop(), await empty.pop(3), await empty.shift(), await empty.length()]).toEqual([
      undefined,
      undefined,
      undefined,
      0,
    ]);
  });

  test("slices and splices as an array", async () => {
    const l = await list(digits);
    expect([await l.slice(-2), await l.slice(2, -6), await l.slice(5, 2), await l.slice(8, 99)]).toEqual([
      [8, 9],
      [2, 3],
      [],
      [8, 9],
    ]);
    expect(await l.splice(1, 2, "x", "y", "z")).toEqual([1, 2]);
    expect(await l.splice(-1)).toEqual([9]);
    expect(await l.splice(4, 0, "w")).toEqual([]);
    expect(await l.splice(5, 99)).toEqual([3, 4, 5, 6, 7, 8]);
    expect(await l.getValue()).toEqual([0, "x", "y", "z", "w"]);
  });

  test("finds, counts and removes by value", async () => {
    const l = await list([1, { a: [1] }, "1", Number.NaN, 1, { a: [1] }, null]);
    expect([await l.indexOf({ a: [1] }), await l.indexOf(1, 1), await l.indexOf(1, -3), await l.indexOf(2)]).toEqual([
      1, 4, 4, -1,
    ]);
    expect([await l.lastIndexOf({ a: [1] }), await l.lastIndexOf("x")]).toEqual([5, -1]);
    expect([await l.includes(Number.NaN), await l.includes(null), await l.includes({ a: [2] })]).toEqual([
      true,
      true,
      false,
    ]);
    expect([await l.count(1), await l.count({ a: [1] }), await l.count("2")]).toEqual([2, 2, 0]);
    expect([await l.remove({ a: [1] }), await l.remove({ a: [2] }), await l.length()]).toEqual([true, false, 6]);
  });

  test("reverses, sorts, fills, repeats and clears in place", async () => {
    const l = await list([3, 1, 10, 2n]);
    await l.reverse();
    expect(await l.getValue()).toEqual([2n, 10, 1, 3]);
    await l.sort();
    expect(await l.getValue()).toEqual([1, 2n, 3, 10]);
    await l.sort({ reverse: true });
    expect(await l.getValue()).toEqual([10, 3, 2n, 1]);
    await l.fill(0, 1, -1);
    expect(await l.getValue()).toEqual([10, 0, 0, 1]);
    await l.fill("x");
    await l.repeat(1);
    expect(await l.getValue()).toEqual(["x", "x", "x", "x"]);
    await l.repeat(0);
    expect(await l.length()).toBe(0);
    await l.push("b", "a", "B");
    await l.sort();
    expect(await l.getValue()).toEqual(["B", "a", "b"]);
    await l.clear();
    expect(await l.getValue()).toEqual([]);
  });

  test("sorts records by a property, and leaves those alike in their order", async () => {
    const l = await list(
      [
        ["b", 1],
        ["a", 1],
        ["c", 0],
      ].map(([name, n]) => ({ name, n })),
    );
    await l.sort({ by: "n" });
    expect((await l.getValue()).map(({ name }) => name)).toEqual(["c", "b", "a"]);
    await l.sort({ by: "name", reverse: true });
    expect((await l.getValue()).map(({ name }) => name)).toEqual(["c", "b", "a"]);
  });

  test("is extended and concatenated with proxies as with what they stand for, and with itself", async () => {
    const l = await list([1]);
    expect(await l.extend(await manager.list([2]))).toBe(2);
    expect(await l.extend(await manager.set([3]))).toBe(3);
    expect(await l.concat([4], await manager.Array("int32", [5]), new Set([6]))).toEqual([1, 2, 3, 4, 5, 6]);
    const self = await manager.list([1, 2]);
    expect(await of(self).extend(self)).toBe(4);
    expect(await l.concat()).toEqual([1, 2, 3]);
  });

  test("refuses indexes that are none, or where nothing is", async () => {
    const l = (await list([1, 2])) as any;
    for (const index of ["0", undefined, {}, 1n, 1.5, Number.NaN, Number.POSITIVE_INFINITY])
      await badType(l.get(index), /^cannot get from the list: an index must be a whole number, received /);
    for (const index of ["0", 0.5, Number.NaN, {}, null]) {
      await badType(l.set(index, 0), /^cannot set in the list: an index must be a whole number, received /);
      await badType(l.pop(index));
      await badType(l.insert(index, 0));
    }
    for (const index of [2, -3, 1e9]) {
      await badRange(
        l.set(index, 0),
        /^cannot set in the list: the index must lie within the list, which has 2 items, received /,
      );
      await badRange(l.pop(index));
    }
    await badRange(l.insert(3, 0));
    await badRange(l.insert(-3, 0));
    expect(await l.getValue()).toEqual([1, 2]);
  });

  test("refuses ranges that begin or end at no index, and takes those without an end", async () => {
    const l = (await list([1, 2, 3])) as any;
    for (const index of ["0", 0.5, Number.NaN, {}, null, 1n]) {
      const reason = /: an index must be a whole number, received /;
      await badType(l.slice(index), reason);
      await badType(l.slice(0, index), reason);
      await badType(l.splice(index, 0, "x"), reason);
      await badType(l.splice(0, index), reason);
      await badType(l.fill(0, index), reason);
      await badType(l.fill(0, 0, index), reason);
      await badType(l.indexOf(1, index), reason);
    }
    expect(await l.slice(Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY)).toEqual([1, 2, 3]);
    expect(await l.indexOf(3, -1)).toBe(2);
    expect(await l.splice(1, Number.POSITIVE_INFINITY)).toEqual([2, 3]);
    expect(await l.getValue()).toEqual([1]);
  });

  test("refuses what cannot be iterated, and then changes nothing", async () => {
    const l = (await list([1])) as any;
    for (const source of [1, "text", null, undefined, {}, await manager.Event()]) {
      await badType(l.extend(source), /^cannot extend the list: it needs something that can be iterated, received /);
      await badType(l.concat([2], source));
    }
    expect(await l.getValue()).toEqual([1]);
    for (const source of [1, "text", {}]) await badType(manager.list(source as any), /^cannot create a list/);
  });

  test("refuses to sort what has no order, and then changes nothing", async () => {
    const l = await list([3, "a", 1]);
    await badType(l.sort(), /^cannot sort the list: it must hold numbers only, or strings only, received /);
    expect(await l.getValue()).toEqual([3, "a", 1]);
    await badType((await list([{ a: 1 }, { b: 2 }])).sort({ by: "a" }));
    for (const options of [5, "by", null]) await badType((l as any).sort(options), /options must be an object/);
    await badType(((await list([1])) as any).repeat("2"));
    await badType((await list([1])).repeat(1.5));
  });
});

describe("sync of a list", () => {
  test("has the items by index, from either end", async () => {
    const { sync } = await manager.list<any>(["a", "b", "c"]);
    sync[0] = "first";
    sync[-1] = "last";
    expect([sync[0], sync[1], sync[-1], sync[3]]).toEqual(["first", "b", "last", undefined]);
  });

  test("has the names of an array's items", async () => {
    const { sync } = await manager.list<any>(["a", "b"]);
    expect([0 in sync, 1 in sync, 2 in sync, (-2) in sync, (-3) in sync, "x" in sync]).toEqual([
      ...[true, true, false],
      ...[true, false, false],
    ]);
    expect(["push" in sync, Object.keys(sync), Object.entries(sync)]).toEqual([
      true,
      ["0", "1"],
      [
        ["0", "a"],
        ["1", "b"],
      ],
    ]);
    expect([Object.hasOwn(sync, 1), Object.hasOwn(sync, 2), { ...sync }]).toEqual([true, false, { 0: "a", 1: "b" }]);
  });

  test("is iterated item by item, each as it is when its turn comes", async () => {
    const { sync } = await manager.list<any>([1, 2, 3]);
    const seen = [];
    for (const item of sync) {
      seen.push(item);
      if (item === 1) sync.push(4);
      if (item === 2) sync[2] = 30;
    }
    expect([seen, [...sync], Math.max(...sync)]).toEqual([[1, 2, 30, 4], [1, 2, 30, 4], 30]);
    const [first, ...rest] = sync;
    expect([first, rest]).toEqual([1, [2, 30, 4]]);
  });

  test("refuses to set what is no index, and where nothing is", async () => {
    const { sync } = await manager.list<any>([1]);
    for (const name of ["x", "1.5", "push"])
      expect(thrownBy(() => Object.assign(sync, { [name]: 1 }))).toMatchObject({ code: "ERR_INVALID_ARG_TYPE" });
    expect(thrownBy(() => Object.assign(sync, { 1: 1 }))).toMatchObject({
      name: "RangeError",
      code: "ERR_OUT_OF_RANGE",
    });
    expect(thrownBy(() => Reflect.deleteProperty(sync, "0"))).toMatchObject({ code: "ERR_INVALID_ARG_TYPE" });
    expect(sync.getValue()).toEqual([1]);
  });
});

test("an item that is set without `sync` is an error, not a property of the proxy", async () => {
  const proxies = [
    await manager.dict(),
    await manager.list([1]),
    await manager.Namespace(),
    await manager.Value("int32", 1),
  ];
  for (const proxy of proxies as any[]) {
    expect(() => {
      proxy.x = 5;
    }).toThrow(TypeError);
    expect(() => {
      proxy[0] = 5;
    }).toThrow(TypeError);
  }
});

describe.each(forms)("proxies in containers, $name,", ({ of }) => {
  // 85 _TestContainers.test_list_proxy_in_list
  test("are objects of their own, however many there are", async () => {
    const a = of(await manager.list<any>());
    for (let i = 0; i < 3; i++) await a.push(await manager.list([0, 1, 2, 3, 4]));
    const inner = async (i: number) => of<ListProxy>(await a.get(i));
    await (await inner(0)).set(-1, 55);
    expect(await (await inner(0)).getValue()).toEqual([0, 1, 2, 3, 55]);
    for (const i of [1, 2]) expect(await (await inner(i)).getValue()).toEqual([0, 1, 2, 3, 4]);
    expect(await (await inner(1)).pop()).toBe(4);
    expect([await (await inner(1)).length(), await (await inner(2)).length()]).toEqual([4, 5]);
    expect(await a.length()).toBe(3);
  });

  // 89 _TestContainers.test_dict_proxy_nested
  test("stay live references, in dicts and lists of them", async () => {
    const pets = of(await manager.dict({ ferrets: 2, hamsters: 4 }));
    const supplies = of(await manager.dict({ water: 10, feed: 3 }));
    const original = async (name: string, source: any) => of<DictProxy>((await source.get(name)) as DictProxy);
    const d = of(await manager.dict<any>());
    await d.set("pets", await manager.dict({ ferrets: 2, hamsters: 4 }));
    await d.set("supplies", await manager.dict({ water: 10, feed: 3 }));
    await (await original("supplies", d)).set("water", 5);
    await (await original("pets", d)).set("ferrets", 0);
    expect(await (await original("supplies", d)).getValue()).toEqual({ water: 5, feed: 3 });
    expect(await (await original("pets", d)).getValue()).toEqual({ ferrets: 0, hamsters: 4 });
    expect([await pets.get("ferrets"), await supplies.get("water")]).toEqual([2, 10]);
    const kept = (await d.get("supplies")) as DictProxy;
    const l = of(await manager.list<any>([kept, await d.get("pets"), [1, 2]]));
    await d.clear();
    expect(await d.size()).toBe(0);
    expect(await (await l.get(1)).get("hamsters")).toBe(4);
    await kept.set("water", 1);
    expect(await (await l.get(0)).get("water")).toBe(1);
    expect(await l.get(2)).toEqual([1, 2]);
    (await l.get(2)).push(3);
    expect(await l.get(2)).toEqual([1, 2]);
    expect(Array.isArray(await l.get(2))).toBe(true);
  });

  // 90 _TestContainers.test_nested_queue
  test("can be queues", async () => {
    const a = of(await manager.list<any>([await manager.Queue(), await manager.JoinableQueue()]));
    await (await a.get(0)).put(123);
    await (await a.get(1)).put("mango");
    expect([await of<any>(await a.get(0)).get(), await of<any>(await a.get(1)).get()]).toEqual([123, "mango"]);
    const b = of(await manager.dict<any>({ 0: await manager.Queue() }));
    await of<any>(await b.get(0)).put(44);
    expect(await of<any>(await b.get("0")).get()).toBe(44);
  });

  test("stay proxies in copies, within records, and as what a namespace or a queue holds", async () => {
    const inner = await manager.list([1]);
    const d = of(await manager.dict<any>({ deep: { list: [inner] } }));
    expect((await d.getValue()).deep.list[0]).toBe(inner);
    expect((await d.get("deep")).list[0]).toBe(inner);
    const namespace = of(await manager.Namespace<any>({ inner }));
    expect(await namespace.get("inner")).toBe(inner);
    const queue = of(await manager.Queue<any>());
    await queue.put([inner]);
    expect(await queue.get()).toEqual([inner]);
    const set = of(await manager.set<any>([inner, inner]));
    expect([await set.size(), await set.has(inner), await set.has(await manager.list([1]))]).toEqual([1, true, false]);
    expect(await of(await manager.list<any>([1, inner])).indexOf(inner)).toBe(1);
  });
});

test("a proxy is one and the same object, wherever it comes from", async () => {
  const inner = await manager.dict();
  const [l, d] = [await manager.list([inner]), await manager.dict({ inner })];
  expect([await l.get(0), d.sync.inner, (await l.getValue())[0]]).toEqual([inner, inner, inner]);
  expect(await l.get(0)).toBe(inner);
  expect(d.sync.inner).toBe(inner);
});

// 85 _TestContainers.test_list_proxy_in_list
test("a list that contains itself shows itself, and keeps no server from its end", async () => {
  await using own = await Manager();
  const list = await own.list<any>();
  await list.push(list);
  expect(await list.get(0)).toBe(list);
  expect(await (await list.get(0)).length()).toBe(1);
  expect((await list.getValue())[0]).toBe(list);
  await list.clear();
  await list.push([list], { list });
  await own.shutdown();
  expect(own.process!.exitcode).toBe(0);
});

describe.each(forms)("a set, $name,", ({ of }) => {
  const set = async (init?: any) => of(await manager.set<any>(init));

  // 249 TestSyncManagerTypes.test_set_init
  test("begins as any iterable, another container, or empty", async () => {
    const expected = new Set([1, 2, 3]);
    const sources = [[1, 2, 3, 3], expected, await manager.list([1, 2, 3]), await manager.set([1, 2, 3])];
    for (const source of sources) expect(await (await set(source)).getValue()).toEqual(expected);
    expect(await (await set(Object.keys({ a: 1, b: 2 }))).getValue()).toEqual(new Set(["a", "b"]));
    expect(await (await set()).getValue()).toEqual(new Set());
  });

  // 249 TestSyncManagerTypes.test_set_init
  test("refuses what cannot be iterated", async () => {
    for (const source of [1234, "text", {}, null])
      await badType(manager.set(source as any), /^cannot create a set: it needs something that can be iterated/);
  });

  // 250 TestSyncManagerTypes.test_set_contain_all_method
  test("has the methods of a set", async () => {
    const s = await set([1, 2]);
    const methods = ["add", "delete", "has", "pop", "update", "clear", "size", "values", "union", "intersection"];
    methods.push("difference", "symmetricDifference", "isSubsetOf", "isSupersetOf", "isDisjointFrom", "getValue");
    for (const name of methods) expect((s as any)[name]).toBeInstanceOf(Function);
    for (const name of methods) expect(((await manager.set()).sync as any)[name]).toBeInstanceOf(Function);
  });

  test("adds, deletes, has and counts its members", async () => {
    const s = await set();
    await s.add(1, "1", 1, null, undefined, Number.NaN, Number.NaN, true, 1n);
    expect([await s.size(), await s.values()]).toEqual([7, [1, "1", null, undefined, Number.NaN, true, 1n]]);
    expect([await s.has("1"), await s.has(2), await s.has(Number.NaN), await s.has(1n)]).toEqual([
      true,
      false,
      true,
      true,
    ]);
    expect([await s.delete(1), await s.delete(1), await s.has(1)]).toEqual([true, false, false]);
    await s.add();
    await s.clear();
    expect([await s.size(), await s.pop()]).toEqual([0, undefined]);
  });

  test("pops what it has, each once", async () => {
    const s = await set(["a", "b"]);
    expect(new Set([await s.pop(), await s.pop()])).toEqual(new Set(["a", "b"]));
    expect([await s.pop(), await s.size()]).toEqual([undefined, 0]);
  });

  test("makes plain sets with others, and does not change", async () => {
    const s = await set([1, 2, 3]);
    for (const other of [[2, 3, 4], new Set([2, 3, 4]), await manager.set([2, 3, 4]), await manager.list([2, 3, 4])]) {
      expect(await s.union(other)).toEqual(new Set([1, 2, 3, 4]));
      expect(await s.intersection(other)).toEqual(new Set([2, 3]));
      expect(await s.difference(other)).toEqual(new Set([1]));
      expect(await s.symmetricDifference(other)).toEqual(new Set([1, 4]));
    }
    expect(await s.getValue()).toEqual(new Set([1, 2, 3]));
  });

  test("compares itself with others", async () => {
    const self = await manager.set([1, 2]);
    const s = of(self);
    expect([await s.isSubsetOf([1, 2, 3]), await s.isSubsetOf([1]), await s.isSubsetOf(self)]).toEqual([
      true,
      false,
      true,
    ]);
    expect([await s.isSupersetOf([1]), await s.isSupersetOf([]), await s.isSupersetOf([3])]).toEqual([
      true,
      true,
      false,
    ]);
    expect([await s.isDisjointFrom([3, 4]), await s.isDisjointFrom(self), await s.isDisjointFrom([])]).toEqual([
      true,
      false,
      true,
    ]);
  });

  test("is updated with several, and iterates over what was there when it began", async () => {
    const s = await set([1]);
    await s.update([2, 3], new Set([3]), await manager.list([4]));
    await s.update();
    const seen: number[] = [];
    for await (const item of s) {
      seen.push(item);
      await s.delete(4);
    }
    expect([seen, await s.values()]).toEqual([
      [1, 2, 3, 4],
      [1, 2, 3],
    ]);
  });

  test("refuses members that are compared by identity, and then changes nothing", async () => {
    const s = await set([1]);
    const reason = /a set holds primitive values and proxies, received /;
    for (const item of [{}, [1], new Date(0), new Map()]) {
      await badType(s.add(2, item), reason);
      await badType(s.update([2], [item]), reason);
      await badType(manager.set([item]), reason);
      for (const method of ["union", "intersection", "difference", "isSubsetOf"] as const)
        await badType(s[method]([item]), reason);
      expect([await s.has(item), await s.delete(item)]).toEqual([false, false]);
    }
    for (const source of [5, "text", {}, undefined])
      for (const method of ["update", "union", "symmetricDifference", "isSupersetOf", "isDisjointFrom"])
        await badType((s as any)[method](source), /it needs something that can be iterated/);
    expect(await s.values()).toEqual([1]);
  });
});

describe.each(forms)("a namespace, $name,", ({ of }) => {
  // 91 _TestContainers.test_namespace
  test("has named values, and prints those that are public", async () => {
    const n = of(await manager.Namespace<any>());
    await n.set("name", "Bob");
    await n.set("job", "Builder");
    await n.set("_hidden", "hidden");
    expect([await n.get("name"), await n.get("job")]).toEqual(["Bob", "Builder"]);
    expect([await n.delete("job"), await n.delete("job")]).toEqual([true, false]);
    const value = await n.getValue();
    expect(inspect(value)).toBe("Namespace { name: 'Bob' }");
    expect(value).toBeInstanceOf(Namespace);
    expect([value.name, value._hidden, "job" in value]).toEqual(["Bob", "hidden", false]);
    expect([await n.has("name"), await n.has("job"), await n.get("job")]).toEqual([true, false, undefined]);
    expect(await n.keys()).toEqual(["name", "_hidden"]);
  });

  test("begins with the properties of an object, and knows names that mean something to objects", async () => {
    const n = of(await manager.Namespace<any>({ x: 1, constructor: 2 }));
    await n.set("__proto__", 3);
    expect([await n.get("x"), await n.get("constructor"), await n.get("__proto__"), await n.get("toString")]).toEqual([
      1,
      2,
      3,
      undefined,
    ]);
    expect(await n.keys()).toEqual(["x", "constructor", "__proto__"]);
    expect(Object.keys(await n.getValue())).toEqual(["x", "constructor", "__proto__"]);
  });

  test("refuses what is no name, and what is no object", async () => {
    const n = of(await manager.Namespace<any>()) as any;
    for (const name of ["", 1, undefined, null, {}]) {
      await badType(n.get(name), /^cannot get from the namespace: a name must be a non-empty string, received /);
      await badType(n.set(name, 1), /^cannot set in the namespace: /);
      await badType(n.has(name), /^cannot look into the namespace: /);
      await badType(n.delete(name), /^cannot delete from the namespace: /);
    }
    const inits = [1, "x", null, await manager.dict({ a: 1 })];
    for (const init of inits) await badType(manager.Namespace(init as any), /^cannot create a namespace/);
    expect(await n.keys()).toEqual([]);
  });
});

// 91 _TestContainers.test_namespace
test("sync of a namespace has the values as properties", async () => {
  const { sync } = await manager.Namespace<any>({ x: 1 });
  sync.y = 2;
  expect([sync.x, sync.y, sync.z, "y" in sync, "z" in sync]).toEqual([1, 2, undefined, true, false]);
  expect(delete sync.x).toBe(true);
  expect(Object.keys(sync)).toEqual(["y"]);
});

describe.each(forms)("a value, $name,", ({ of }) => {
  const value = async (kind: any, initial?: any): Promise<ValueProxy> => of(await manager.Value<any>(kind, initial));

  test("begins as zero or as what is given, and is set", async () => {
    expect([await (await value("int32")).get(), await (await value("int64")).get()]).toEqual([0, 0n]);
    expect(await (await value("bool")).get()).toBe(false);
    const v = await value("float64", 1.5);
    expect([await v.get(), await v.getValue()]).toEqual([1.5, 1.5]);
    await v.set(-2.5);
    expect(await v.get()).toBe(-2.5);
    const flag = await value("bool", true);
    await flag.set(false);
    expect(await flag.get()).toBe(false);
  });

  test.each([
    ["int8", 127, 1, -128],
    ["uint8", 255, 2, 1],
    ["int16", 2 ** 15 - 1, 1, -(2 ** 15)],
    ["uint16", 0, -1, 2 ** 16 - 1],
    ["int32", 2 ** 31 - 1, 1, -(2 ** 31)],
    ["uint32", 2 ** 32 - 1, 1, 0],
    ["int64", 2n ** 63n - 1n, 1n, -(2n ** 63n)],
    ["uint64", 0n, -1n, 2n ** 64n - 1n],
    ["float32", 1, 0.1, Math.fround(1.1)],
    ["float64", 0.1, 0.2, 0.1 + 0.2],
  ])("adds as a typed array of %s would", async (kind, initial, by, sum) => {
    const v = await value(kind, initial);
    expect([await v.add(by as never), await v.get()]).toEqual([sum, sum]);
  });

  test("refuses kinds that there are not, and values of another type", async () => {
    for (const kind of ["int", "Int32Array", "toString", 5, undefined])
      await badType(manager.Value(kind as any, 0), /^cannot create a value: kind must be one of int8, .* received /);
    const [v, big, flag] = [await value("int32", 1), await value("uint64", 1n), await value("bool", true)];
    for (const wrong of ["1", 1n, true, undefined, null] as any[])
      await badType(v.set(wrong), /it holds a number, received /);
    for (const wrong of ["1", 1, true] as any[]) await badType(big.set(wrong), /it holds a bigint, received /);
    for (const wrong of ["1", 1, 0] as any[]) await badType(flag.set(wrong), /it holds a boolean, received /);
    await badType(v.add(1n as never), /^cannot add to the value: it holds a number/);
    await badType(flag.add(1 as never), /nothing can be added to a boolean/);
    await badType(manager.Value("int32", 1n as any));
    expect([await v.get(), await big.get(), await flag.get()]).toEqual([1, 1n, true]);
  });
});

test("sync of a value has `value`, and nothing else", async () => {
  const { sync } = await manager.Value("int32", 5);
  sync.value = 7;
  expect([sync.value, sync.get(), sync.add(1), sync.getValue()]).toEqual([7, 7, 8, 8]);
  expect((sync as any).other).toBeUndefined();
  expect(["value" in sync, "other" in sync, { ...sync }, Object.keys(sync)]).toEqual([
    ...[true, false],
    ...[{ value: 8 }, ["value"]],
  ]);
  expect(thrownBy(() => Object.assign(sync, { other: 1 }))).toMatchObject({ code: "ERR_INVALID_ARG_TYPE" });
  expect(thrownBy(() => Object.assign(sync, { value: "x" }))).toMatchObject({ code: "ERR_INVALID_ARG_TYPE" });
});

describe.each(forms)("an array, $name,", ({ of }) => {
  const array = async (kind: any, items: any): Promise<ArrayProxy> => of(await manager.Array(kind, items));

  test("has as many numbers as there were at the start, or zeros", async () => {
    const a = await array("int16", [1, 2, 3]);
    expect([await a.length(), await a.getValue()]).toEqual([3, Int16Array.of(1, 2, 3)]);
    expect(await (await array("uint64", 2)).getValue()).toEqual(BigUint64Array.of(0n, 0n));
    expect(await (await array("float32", new Set([0.5]))).getValue()).toEqual(Float32Array.of(0.5));
    expect(await (await array("int8", await manager.list([5, 6]))).getValue()).toEqual(Int8Array.of(5, 6));
    expect([await (await array("int8", 0)).length(), await all(await array("int8", []))]).toEqual([0, []]);
  });

  test("gets, sets and adds by index, from either end", async () => {
    const a = await array("uint8", [1, 2, 3]);
    await a.set(0, 257);
    await a.set(-1, 30);
    expect([await a.get(0), await a.get(-1), await a.get(-3)]).toEqual([1, 30, 1]);
    expect([await a.add(1, 5), await a.add(-1, -31), await a.getValue()]).toEqual([7, 255, Uint8Array.of(1, 7, 255)]);
    const big = await array("int64", [1n]);
    expect([await big.add(0, 2n), await big.get(0)]).toEqual([3n, 3n]);
  });

  test("gives typed arrays that are copies, and fills", async () => {
    const a = await array("int32", [1, 2, 3, 4]);
    const copy = (await a.slice(1, -1)) as Int32Array;
    expect(copy).toEqual(Int32Array.of(2, 3));
    copy[0] = 99;
    await a.fill(7, 2);
    expect([await a.getValue(), await a.slice(), await a.slice(3, 1)]).toEqual([
      Int32Array.of(1, 2, 7, 7),
      Int32Array.of(1, 2, 7, 7),
      Int32Array.of(),
    ]);
    await a.fill(0);
    expect(await a.getValue()).toEqual(new Int32Array(4));
  });

  test("is iterated item by item, each as it is when its turn comes", async () => {
    const a = await array("int32", [1, 2, 3]);
    const seen: number[] = [];
    for await (const item of a) {
      seen.push(item as number);
      await a.set(2, 30);
    }
    expect(seen).toEqual([1, 2, 30]);
  });

  test("refuses indexes that are none, or where nothing is", async () => {
    const a = (await array("int32", [1, 2])) as any;
    for (const index of ["0", 0.5, undefined, null, 1n]) {
      await badType(a.get(index), /^cannot get from the array: an index must be a whole number, received /);
      await badType(a.set(index, 0));
      await badType(a.add(index, 0));
    }
    for (const index of ["0", 0.5, null, 1n]) {
      await badType(a.slice(index), /^cannot slice the array: an index must be a whole number, received /);
      await badType(a.slice(0, index));
      await badType(a.fill(0, index));
      await badType(a.fill(0, 0, index));
    }
    for (const index of [2, -3]) {
      await badRange(a.get(index), /the index must lie within the array, which has 2 items, received /);
      await badRange(a.set(index, 0));
      await badRange(a.add(index, 0));
    }
    expect(await a.getValue()).toEqual(Int32Array.of(1, 2));
  });

  test("refuses numbers of the other type, kinds that there are not, and lengths that are none", async () => {
    const [a, big] = [(await array("int32", [1])) as any, (await array("int64", [1n])) as any];
    for (const wrong of [1n, "1", null, undefined]) {
      await badType(a.set(0, wrong), /^cannot set in the array: it holds a number, received /);
      await badType(a.add(0, wrong));
      await badType(a.fill(wrong));
    }
    await badType(big.set(0, 1), /it holds a bigint, received 1/);
    for (const kind of ["bool", "int", "hasOwnProperty", 3, undefined]) await badType(array(kind, [1]), /kind must be/);
    await badType(array("int32", [1, "2"]));
    for (const source of ["12", null, {}, true]) await badType(array("int32", source), /can be iterated/);
    for (const length of [-1, 1.5, Number.NaN, 2 ** 33]) await badRange(array("int32", length), /its length must be/);
  });
});

test("sync of an array has the items by index", async () => {
  const { sync } = await manager.Array("int32", [1, 2]);
  sync[0] = 5;
  sync[-1] = 6;
  expect([sync[0], sync[1], sync[-2], sync.length()]).toEqual([5, 6, 5, 2]);
  expect([1 in sync, 2 in sync, Object.keys(sync), [...sync]]).toEqual([true, false, ["0", "1"], [5, 6]]);
  expect(thrownBy(() => sync[2])).toMatchObject({ name: "RangeError", code: "ERR_OUT_OF_RANGE" });
  expect(thrownBy(() => Object.assign(sync, { 2: 1 }))).toMatchObject({ name: "RangeError", code: "ERR_OUT_OF_RANGE" });
  expect(thrownBy(() => Object.assign(sync, { x: 1 }))).toMatchObject({ code: "ERR_INVALID_ARG_TYPE" });
});

test("an error's remote stack names where it was thrown", async () => {
  const l = await manager.list([1]);
  const error = await failureOf(l.set(1, 2));
  expect(error.cause.stack).toContain("ListReferent.set");
  expect(error.cause.message).toMatch(/^the call failed in the manager at /);
  expect(thrownBy(() => l.sync.set(1, 2)).cause.stack).toContain("ListReferent.set");
  await refused(l.insert(7, 1), RangeError, "ERR_OUT_OF_RANGE");
});

describe("a proxy", () => {
  test("is printed without asking the server, and shows its type and number", async () => {
    const proxies = [
      await manager.dict(),
      await manager.list(),
      await manager.Namespace(),
      await manager.Value("int8"),
    ];
    expect(proxies.map((proxy) => inspect(proxy).replace(/\d+>$/, "N>"))).toEqual([
      "<DictProxy of dict N>",
      "<ListProxy of list N>",
      "<NamespaceProxy of Namespace N>",
      "<ValueProxy of Value N>",
    ]);
    expect(String(proxies[0])).toBe(inspect(proxies[0]));
  });

  test("of another manager is refused: its server would have to connect there", async () => {
    await using other = await Manager();
    const theirs = await other.list([1]);
    const l = await manager.list<any>();
    expect(await failureOf(l.push(theirs))).toMatchObject({ name: "CodecError", code: "ERR_NOT_SERIALIZABLE" });
    expect(await l.length()).toBe(0);
  });
});

test("sync of a set, and of a queue, is iterated; what has no items is not", async () => {
  expect([...(await manager.set(["a", "b"])).sync]).toEqual(["a", "b"]);
  const queue = await manager.Queue<number>();
  for (const item of [1, 2, 3]) await queue.put(item);
  await queue.shutdown();
  const taken = [];
  for (const item of queue.sync) taken.push(item);
  expect([taken, [...queue.sync]]).toEqual([[1, 2, 3], []]);
  const { sync } = (await manager.Event()) as any;
  expect([Symbol.iterator in sync, sync[Symbol.iterator], Object.keys(sync), "x" in sync]).toEqual([
    ...[false, undefined],
    ...[[], false],
  ]);
});
