import { isDeepStrictEqual } from "node:util";
import { Barrier, CodecError, Lock, registerClass } from "@cordage/ipc";
import { decode, encode } from "@cordage/ipc/sys";
import { describe, expect, test } from "@jest/globals";
import { raw } from "../dist/testing.js";

const again = <T>(value: T): T => decode(encode(value)) as T;

function holes(items: Record<number, unknown>, length: number): unknown[] {
  return Object.assign(new Array(length), items);
}

/** A message's heap as plain arrays, and back. */
function heapOf(bytes: Uint8Array): any[] {
  return decode(bytes.subarray(1)) as any[];
}

function heapBytes(heap: unknown[]): Uint8Array {
  const bytes = encode(heap, undefined, { reserve: 1 });
  bytes[0] = 0xc1;
  return bytes;
}

function refusal(value: unknown): CodecError {
  try {
    encode(value);
  } catch (error) {
    return error as CodecError;
  }
  throw new Error("it was not refused");
}

describe("what a structured clone keeps is kept", () => {
  const values: Record<string, unknown> = {
    "plain data": [12, { name: "yuan" }, "hello", null, undefined, true, 1.5, Number.NaN, Number.NEGATIVE_INFINITY],
    "minus zero": [-0, 0],
    bigints: [0n, -1n, 2n ** 63n, -(2n ** 63n), 2n ** 64n, -(2n ** 64n), 3n ** 500n, -(3n ** 500n)],
    dates: [new Date(0), new Date(-1), new Date(8.64e15), new Date(1e12 + 7)],
    "regular expressions": [/a\/b/giu, /(?:)/, /\n/s],
    maps: new Map<unknown, unknown>([
      [{ a: 1 }, new Map()],
      [Number.NaN, "NaN"],
      [undefined, null],
    ]),
    sets: new Set<unknown>(["a", new Set([1]), undefined]),
    "typed arrays": [
      new Int8Array([-1]),
      new Uint8Array([255]),
      new Uint8ClampedArray([255]),
      new Int16Array([-300]),
      new Uint16Array([300]),
      new Int32Array([-70000]),
      new Uint32Array([70000]),
      new Float32Array([1.5]),
      new Float64Array([Math.PI, -0]),
      new BigInt64Array([-1n]),
      new BigUint64Array([1n]),
    ],
    buffers: [new ArrayBuffer(0), new Uint8Array([1, 2, 3]).buffer, new DataView(new Uint8Array([1, 2]).buffer)],
    "boxed primitives": [Object("text"), Object(-0), Object(false), Object(5n)],
    "sparse arrays": [holes({ 1: 1, 3: 2 }, 4), new Array(3)],
    "lone surrogates": ["\ud800", { "\udc00": "a\udfff" }, new Map([["\ud801", 1]])],
    "odd keys": {
      "": 1,
      "0": 2,
      constructor: "text",
      hasOwnProperty: 1,
      toJSON: 1,
      length: 1,
      ["__proto__"]: { a: 1 },
    },
    "byte order marks": [`\ufeff${"x".repeat(100)}`, { [`\ufeff${"k".repeat(100)}`]: "\ufeff" }],
    "long strings": ["x".repeat(70_000), "é".repeat(40), "字".repeat(300), "😀".repeat(70_000)],
  };
  test.each(Object.keys(values))("%s", (name) => {
    const value = values[name];
    expect(isDeepStrictEqual(again(value), value)).toBe(true);
    expect(isDeepStrictEqual(decode(encode(value), undefined, { owned: true }), value)).toBe(true);
  });

  test("holes stay holes, and a huge sparse array stays small", () => {
    const sparse: unknown[] = [];
    sparse[4_000_000_000] = "far";
    const copy = again(sparse);
    expect(copy).toHaveLength(4_000_000_001);
    expect(Object.keys(copy)).toEqual(["4000000000"]);
    expect(encode(sparse).length).toBeLessThan(40);
  });

  test("an invalid date stays invalid, and lastIndex starts again", () => {
    expect(again(new Date(Number.NaN)).getTime()).toBeNaN();
    const pattern = /a/g;
    pattern.lastIndex = 3;
    expect(again(pattern).lastIndex).toBe(0);
  });

  test("cycles and shared references keep their shape through every container", () => {
    const shared = { name: "shared" };
    const map = new Map<unknown, unknown>();
    const error = new Error("loop");
    const root: Record<string, unknown> = { list: [shared, shared], map, set: new Set([map]), error };
    root.self = root;
    map.set(map, root).set("shared", shared);
    error.cause = root;
    const copy = again(root) as any;
    expect(copy.self).toBe(copy);
    expect(copy.list[0]).toBe(copy.list[1]);
    expect(copy.map.get(copy.map)).toBe(copy);
    expect(copy.map.get("shared")).toBe(copy.list[0]);
    expect(copy.set.has(copy.map)).toBe(true);
    expect(copy.error.cause).toBe(copy);
  });

  test("numbers keep their value wherever their encoding changes", () => {
    const edges = [0, 31, 32, 33, 127, 128, 255, 256, 32767, 32768, 65535, 65536, 2 ** 31, 2 ** 32, 2 ** 53];
    const numbers = edges.flatMap((edge) => [edge - 1, edge, edge + 1, -edge - 1, -edge - 0.5, 1 - edge]);
    expect(again(numbers)).toEqual(numbers);
    for (const number of numbers) expect(again(number)).toBe(number);
  });

  test("keys keep their text, also those that look alike in bytes", () => {
    const keys = [
      "",
      "a",
      "b",
      "ab",
      "ba",
      "aab",
      "aba",
      "\u00e9",
      "\u00e9a",
      "__proto",
      "k".repeat(31),
      "k".repeat(32),
    ];
    for (let round = 0; round < 2; round++)
      for (const key of keys) expect(again({ [key]: key, z: 1 })).toEqual({ [key]: key, z: 1 });
    // Latin-1, which is no UTF-8, of a key that came before.
    expect(decode(Uint8Array.of(0x81, 0xa2, 0xe9, 0x61, 0x01))).toEqual({ "\ufffda": 1 });
  });

  test("a getter that encodes something itself leaves the message around it whole", () => {
    const inner = { text: "inner".repeat(20), many: Array.from({ length: 30 }, () => ({})) };
    const outer = (extra: unknown) => ({
      before: "x".repeat(50),
      get got() {
        return again(inner).text + again(["short"])[0];
      },
      extra,
    });
    for (const extra of [1, 1n, new Map()])
      expect(again(outer(extra))).toEqual({ before: "x".repeat(50), got: `${inner.text}short`, extra });
  });

  test("a chain of a hundred thousand links arrives", () => {
    let chain: { next?: object } = {};
    for (let i = 0; i < 100_000; i++) chain = { next: chain };
    let links = 0;
    for (let at: { next?: object } | undefined = again(chain); at; at = at.next) links++;
    expect(links).toBe(100_001);
  });
});

describe("binary values", () => {
  test("a Buffer stays a Buffer and a view brings its own bytes only", () => {
    const buffer = Buffer.from("abcdef");
    expect(Buffer.isBuffer(again(buffer))).toBe(true);
    const part = again(new Uint16Array(new ArrayBuffer(1000), 10, 3));
    expect(part.buffer.byteLength).toBe(6);
  });

  test("copies are independent of the bytes unless these are given away", () => {
    const bytes = encode(Buffer.alloc(50_000, 1));
    const copy = decode(bytes) as Buffer;
    const view = decode(bytes, undefined, { owned: true }) as Buffer;
    expect(copy.buffer).not.toBe(bytes.buffer);
    expect(view.buffer).toBe(bytes.buffer);
  });

  test("encoded bytes stay valid while others are encoded", () => {
    const first = encode({ a: "first" });
    for (let i = 0; i < 10_000; i++) encode({ b: i });
    expect(decode(first)).toEqual({ a: "first" });
  });

  test("room for a header can be left in front", () => {
    for (const value of [{ a: 1 }, new Map([[1, 2]])]) {
      const bytes = encode(value, undefined, { reserve: 12 });
      bytes.fill(0xff, 0, 12);
      expect(decode(bytes.subarray(12))).toEqual(value);
    }
  });

  test("more room than there can be is refused", () => {
    for (const reserve of [-1, 255, 1.5]) expect(() => encode(1, undefined, { reserve })).toThrow(RangeError);
  });

  test("decoding leaves the array that it read alone", () => {
    const bytes = new Uint8Array(encode({ a: "x".repeat(10_000) }));
    decode(bytes);
    expect(Object.hasOwn(bytes, "dataView")).toBe(false);
  });
});

describe("errors", () => {
  test("built-in errors keep class, message, stack, cause and their own properties", () => {
    const error = Object.assign(new TypeError("bad", { cause: new RangeError("deeper") }), {
      code: "ERR_X",
      detail: [1],
    });
    const copy = again(error);
    expect(copy).toBeInstanceOf(TypeError);
    expect({ ...copy }).toEqual({ code: "ERR_X", detail: [1] });
    expect([copy.message, copy.stack]).toEqual([error.message, error.stack]);
    expect(copy.cause).toBeInstanceOf(RangeError);
    expect(Object.keys(copy)).toEqual(["code", "detail"]);
  });

  test("an AggregateError keeps its errors", () => {
    const copy = again(new AggregateError([new Error("a"), "b"], "both"));
    expect(copy).toBeInstanceOf(AggregateError);
    expect(copy.errors).toEqual([new Error("a"), "b"]);
  });

  test("an error of Cordage revives as its class", () => {
    const copy = again(new CodecError("ERR_BAD_MESSAGE", "no", "$.a"));
    expect(copy).toBeInstanceOf(CodecError);
    expect(copy).toMatchObject({ name: "CodecError", code: "ERR_BAD_MESSAGE", path: "$.a", message: "no" });
  });

  test("an error of an unknown class arrives as its nearest known one, with its name", () => {
    class HttpError extends RangeError {
      override name = "HttpError";
      constructor(readonly status: number) {
        super(`status ${status}`);
      }
    }
    const copy = again(new HttpError(404));
    expect(copy).toBeInstanceOf(RangeError);
    expect(copy).toMatchObject({ name: "HttpError", status: 404, message: "status 404" });
  });

  test("a DOMException stays one", () => {
    const copy = again(AbortSignal.abort().reason) as DOMException;
    expect(copy).toBeInstanceOf(DOMException);
    expect([copy.name, copy.code]).toEqual(["AbortError", 20]);
  });
});

describe("classes", () => {
  class Point {
    constructor(
      public x: number,
      public y: number,
    ) {}
    get length(): number {
      return Math.hypot(this.x, this.y);
    }
  }
  class Money {
    #cents: number;
    constructor(cents: number) {
      this.#cents = cents;
    }
    get cents(): number {
      return this.#cents;
    }
  }
  class Table extends Map<string, number> {
    title = "none";
  }
  class Failure extends Error {
    hint = "none";
  }
  registerClass(Point);
  registerClass(Money, { name: "test.Money", pack: (money) => [money.cents], unpack: ([cents]) => new Money(cents!) });
  registerClass(Table);
  registerClass(Failure);

  test("an instance of a registered class keeps its class", () => {
    const copy = again([new Point(3, 4), new Money(5)] as const);
    expect(copy[0]).toBeInstanceOf(Point);
    expect(copy[0].length).toBe(5);
    expect(copy[1].cents).toBe(5);
  });

  test("a chain of packed instances of any length arrives", () => {
    class Link {
      constructor(readonly next: Link | null) {}
    }
    registerClass(Link, { name: "test.Link", pack: (link) => [link.next], unpack: ([next]) => new Link(next!) });
    let chain: Link | null = null;
    for (let i = 0; i < 100_000; i++) chain = new Link(chain);
    let links = 0;
    for (let at: Link | null = again(chain); at; at = at.next) links++;
    expect(links).toBe(100_000);
  });

  test("what a packed instance shares with others stays shared", () => {
    const shared = { cents: [7] };
    class Wallet {
      constructor(readonly inside: { cents: number[] }) {}
    }
    registerClass(Wallet, { name: "test.Wallet", pack: (w) => ({ x: w.inside }), unpack: ({ x }) => new Wallet(x) });
    const copy = again({ first: new Wallet(shared), second: [new Wallet(shared)], shared });
    expect(copy.first.inside).toEqual({ cents: [7] });
    expect(copy.second[0]!.inside).toBe(copy.first.inside);
    expect(copy.shared).toBe(copy.first.inside);
  });

  test("subclasses of built-ins keep contents and properties", () => {
    const table = new Table([["a", 1]]);
    table.title = "t";
    const copy = again(table);
    expect(copy).toBeInstanceOf(Table);
    expect([copy.title, copy.get("a")]).toEqual(["t", 1]);
    const failure = again(new Failure("why"));
    expect(failure).toBeInstanceOf(Failure);
    expect(failure).toMatchObject({ message: "why", hint: "none" });
  });

  test("cycles through instances hold", () => {
    const point = new Point(1, 2) as Point & { self?: Point };
    point.self = point;
    const copy = again(point);
    expect(copy.self).toBe(copy);
  });

  test("an instance of an unknown class arrives as a plain object, and toJSON is not asked", () => {
    class Unknown {
      a = 1;
      toJSON(): string {
        return "json";
      }
    }
    expect(isDeepStrictEqual(again([new Unknown()]), [{ a: 1 }])).toBe(true);
  });

  test("a setter of the class does not run on what was received", () => {
    let ran = false;
    class Trap {
      set value(_: number) {
        ran = true;
      }
    }
    registerClass(Trap, { name: "test.Trap" });
    const trap = Object.defineProperty(new Trap(), "value", { value: 7, enumerable: true });
    expect((again(trap) as any).value).toBe(7);
    expect(ran).toBe(false);
  });

  test("two classes cannot have one name", () => {
    expect(() => registerClass(class Other {}, { name: "test.Money" })).toThrow(
      expect.objectContaining({ code: "ERR_CLASS_REGISTERED" }),
    );
  });

  test("a packed instance that contains itself is refused by the receiver", () => {
    class Ring {
      self = this;
    }
    registerClass(Ring, { name: "test.Ring", pack: (ring) => ({ ring }), unpack: () => new Ring() });
    expect(() => again(new Ring())).toThrow(expect.objectContaining({ code: "ERR_BAD_MESSAGE" }));
  });
});

describe("what cannot travel is refused with its path", () => {
  const fail = () => {
    throw new Error("boom");
  };
  const refused: Array<[string, unknown]> = [
    ["$", Symbol("s")],
    ["$", () => 1],
    ["$", Promise.resolve()],
    ["$", new Proxy({}, {})],
    ["$.rows[3].onClick", { rows: [1, 2, 3, { onClick() {} }] }],
    ["$.a.b", { a: { b: new WeakMap() } }],
    ["$[1]", [1, new WeakSet()]],
    ["$[0]", [new WeakRef({})]],
    ["$[0]", [new SharedArrayBuffer(8)]],
    ["$[0]", [new Uint8Array(new SharedArrayBuffer(8))]],
    ["$[0]", [Object(Symbol("s"))]],
    ["$.g", { g: (function* () {})() }],
    [
      "$.keys()[1].f",
      new Map<unknown, unknown>([
        [1, 1],
        [{ f() {} }, 2],
      ]),
    ],
    ['$.get("k")', new Map([["k", Symbol("s")]])],
    [
      "$.values()[1][0]",
      new Map<unknown, unknown>([
        [1, 1],
        [{}, [Symbol("s")]],
      ]),
    ],
    ["$.values()[2]", new Set([1, 2, Symbol("s")])],
    ["$.cause.fn", new Error("e", { cause: { fn() {} } })],
    ["$.errors[0].fn", new AggregateError([Object.assign(new Error("e"), { fn() {} })])],
    ['$["a key"].b', { "a key": { b: Symbol("s") } }],
    ["$[2]", holes({ 0: 1, 2: Symbol("s") }, 3)],
    ["$.constructor", { constructor: Array }],
    ["$[0]", [new AbortController().signal]],
    ["$[0]", [new Blob(["x"])]],
    ["$[0]", [new Headers({ a: "b" })]],
    ["$[0]", [[1].values()]],
  ];
  test.each(refused)("%s", (path, value) => {
    const error = refusal(value);
    expect(error).toMatchObject({ name: "CodecError", code: "ERR_NOT_SERIALIZABLE", path });
    expect(error.message).toContain(path);
    expect(decode(encode({ still: "usable" }))).toEqual({ still: "usable" });
  });

  test("the error of a failing getter or trap is the cause", () => {
    const getter = refusal({
      a: [
        {
          get b() {
            return fail();
          },
        },
      ],
    });
    expect(getter).toMatchObject({ path: "$.a[0].b", cause: { message: "boom" } });
    expect(refusal([new Proxy({}, { ownKeys: fail })]).path).toBe("$[0]");
  });

  test("a very deep path is shortened", () => {
    let deep: unknown = Symbol("s");
    for (let i = 0; i < 1000; i++) deep = { a: deep };
    expect(refusal(deep).path!.length).toBeLessThan(200);
  });
});

describe("shared objects", () => {
  test("a lock arrives as the same lock, once", () => {
    const lock = new Lock();
    const copy = again({ lock, list: [lock] });
    expect(copy.lock).toBe(copy.list[0]);
    lock.acquireSync();
    expect(copy.lock.locked()).toBe(true);
    lock.release();
  });

  test("a refused message takes no count of a lock in it", () => {
    const lock = new Lock();
    const { counts, index } = (lock as any).cell.count;
    expect(() => encode([lock, Symbol("s")])).toThrow(CodecError);
    expect(counts[index]).toBe(1);
  });
});

describe("shared objects and peers", () => {
  test("a barrier whose action may not travel gives its count back", () => {
    const barrier = new Barrier(1, { action: () => 1 });
    const { counts, index } = (barrier as any).cell.count;
    expect(refusal([barrier]).path).toBe("$[0].pack().action");
    expect(counts[index]).toBe(1);
  });

  test("shared objects are refused on both sides where they are not allowed", () => {
    const bytes = encode([new Lock()]);
    expect(() => encode([new Lock()], undefined, { shared: false })).toThrow(expect.objectContaining({ path: "$[0]" }));
    expect(() => decode(bytes, undefined, { shared: false })).toThrow(
      expect.objectContaining({ code: "ERR_BAD_MESSAGE" }),
    );
    decode(bytes);
  });

  test("a handle that lies opens nothing", () => {
    const [, node, handle, segment] = heapOf(encode(new Lock()));
    for (const pid of ["self/cwd/../..", -1, 1.5, null]) {
      const forged = segment.map((slot: unknown, i: number) => (segment[i - 1] === "pid" ? pid : slot));
      const moved = forged.map((slot: unknown, i: number) => (forged[i - 1] === "ino" ? 1 : slot));
      expect(() => decode(heapBytes([[1], node, handle, moved]))).toThrow(
        expect.objectContaining({ code: "ERR_HANDLE_GONE" }),
      );
    }
    expect(() => decode(heapBytes([[1], node, [0]]))).toThrow(CodecError);
  });
});

describe("bytes that hold no value", () => {
  const bad: Record<string, number[]> = {
    "nothing at all": [],
    "a record definition": [0xd4, 0x72, 0x40, 0x91, 0xa1, 0x61, 1],
    "an unknown extension": [0xd4, 0x01, 0x00],
    "bundled strings": [0xd6, 0x62, 0, 0, 0, 1, 0xc1],
    "a pointer": [0xd6, 0x70, 0, 0, 0, 1],
    "a huge array": [0xdd, 0xff, 0xff, 0xff, 0xff],
    "a huge map": [0xdf, 0xff, 0xff, 0xff, 0xff, 1, 1],
    "a huge string": [0xdb, 0xff, 0xff, 0xff, 0xff, 1],
    "a huge binary": [0xc6, 0xff, 0xff, 0xff, 0xff],
    "deep nesting": new Array(5000).fill(0x91),
    "trailing bytes": [1, 2],
    "a heap of nothing": [0xc1, 0x90],
    "a heap that is none": [0xc1, 0x01],
    "a reference to nowhere": [0xc1, 0x91, 0x91, 0x05],
    "boxes in boxes": [0xc1, 0x93, 0x91, 1, 0x92, 7, 0x91, 2, 0x92, 7, 1],
    "a heap within a heap": [0xc1, 0x91, 0x92, 0x91, 0x01, 0x01],
  };
  test.each(Object.keys(bad))("%s is a CodecError", (name) => {
    expect(() => decode(Uint8Array.from(bad[name]!))).toThrow(
      expect.objectContaining({ name: "CodecError", code: "ERR_BAD_MESSAGE" }),
    );
  });

  test("every truncation of a message is a CodecError", () => {
    const bytes = encode([new Map([[1, new Error("x")]]), "text", Buffer.alloc(300), 2n ** 80n, { a: [1.5] }]);
    for (let end = 0; end < bytes.length; end++) expect(() => decode(bytes.subarray(0, end))).toThrow(CodecError);
  });

  test("a prototype cannot be set from outside", () => {
    const bytes = Buffer.concat([
      Buffer.from([0x81, 0xa9]),
      Buffer.from("__proto__"),
      Buffer.from([0x81, 0xa1, 0x61, 1]),
    ]);
    expect((decode(bytes) as any).a).toBeUndefined();
    expect(Object.getPrototypeOf(decode(bytes))).toBe(Object.prototype);
  });
});

test("the quick ways do without the methods of Buffer that Node does not document", () => {
  const bare = Buffer.alloc(32);
  for (const name of ["utf8Slice", "utf8Write", "latin1Write"])
    Object.defineProperty(bare, name, { value: 0, configurable: true });
  const bytes = raw(bare);
  expect([bytes.utf8Write("año", 1), bytes.latin1Write("abc", 6)]).toEqual([4, 3]);
  expect([bytes.utf8Slice(1, 5), bytes.utf8Slice(6, 9)]).toEqual(["año", "abc"]);
});
