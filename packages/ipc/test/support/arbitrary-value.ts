/** Arbitrary values that can travel, with shared references and cycles among them. */
import fc from "fast-check";

type Container = unknown[] | Map<unknown, unknown> | Set<unknown> | Record<string, unknown> | Error;

const typedArrays = fc.oneof(
  fc.int8Array(),
  fc.uint8Array(),
  fc.uint8ClampedArray(),
  fc.int16Array(),
  fc.uint16Array(),
  fc.int32Array(),
  fc.uint32Array(),
  fc.float32Array(),
  fc.float64Array(),
  fc.bigInt64Array(),
  fc.bigUint64Array(),
);
const few = { maxLength: 4 };
const bytes = fc.uint8Array({ maxLength: 300 });

// Any UTF-16, lone surrogates too, and lengths around those at which msgpack changes its header.
const texts = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
  fc
    .tuple(
      fc.constantFrom("a", "é", "字", "😀", "\ud800", "\ufeff"),
      fc.constantFrom(15, 16, 31, 32, 64, 255, 256, 70_000),
    )
    .map(([unit, count]) => unit.repeat(count)),
);
const numbers = fc.oneof(fc.integer(), fc.double(), fc.constantFrom(-0, 2 ** 31, 2 ** 32, -(2 ** 31) - 1, 2 ** 53));
const bigints = fc.oneof(fc.bigInt(), fc.bigInt(-(2n ** 70n), 2n ** 70n), fc.bigInt(-(2n ** 600n), 2n ** 600n));
const dates = fc.date({ noInvalidDate: true });
const primitives = fc.oneof(texts, numbers, bigints, fc.boolean(), fc.constantFrom(null, undefined));
const leaves = fc.oneof(
  { weight: 6, arbitrary: primitives },
  fc.oneof(texts, numbers, bigints, fc.boolean()).map(Object),
  dates,
  fc.constantFrom(/a\/b/giu, /(?:)/, /\u{1f600}/u, /^[\]]$/ms),
  typedArrays,
  bytes.map((data) => Buffer.from(data)),
  bytes.map((data) => data.slice().buffer),
  bytes.map((data) => new DataView(data.slice().buffer)),
  fc.webUrl().map((url) => new URL(url)),
);

function record(entries: Array<[string, unknown]>): Record<string, unknown> {
  const made = {};
  for (const [key, value] of entries)
    Object.defineProperty(made, key, { value, writable: true, enumerable: true, configurable: true });
  return made;
}

function sparse(entries: Array<[number, unknown]>): unknown[] {
  const made: unknown[] = [];
  for (const [index, value] of entries) made[index] = value;
  return made;
}

const errorClasses = [Error, TypeError, RangeError, SyntaxError] as ErrorConstructor[];
const keys = fc.oneof(texts, fc.constantFrom("__proto__", "constructor", "toJSON", "length", "0", "hasOwnProperty"));

const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    leaves,
    fc.array(tie("tree"), few),
    fc.array(fc.tuple(keys, tie("tree")), few).map(record),
    fc.array(fc.tuple(fc.nat(1000), tie("tree")), few).map(sparse),
    fc.array(fc.tuple(tie("tree"), tie("tree")), few).map((entries) => new Map(entries)),
    fc.array(tie("tree"), few).map((items) => new Set(items)),
    fc
      .tuple(fc.constantFrom(...errorClasses), texts, tie("tree"))
      .map(([cls, message, cause]) => new cls(message, { cause })),
  ),
}));

function insert(into: Container, value: unknown): void {
  if (Array.isArray(into)) into.push(value);
  else if (into instanceof Map) into.set(value, value);
  else if (into instanceof Set) into.add(value);
  else (into as Record<string, unknown>).link = value;
}

/** A value of which `pick` chose pairs of containers that lead to each other. */
function linked([parts, links]: [unknown[], Array<[number, number]>]): unknown {
  const containers: Container[] = parts.filter((part): part is Container => isContainer(part));
  if (containers.length > 0)
    for (const [from, to] of links) insert(containers[from % containers.length]!, containers[to % containers.length]);
  return parts;
}

function isContainer(value: unknown): boolean {
  if (Array.isArray(value) || value instanceof Map || value instanceof Set || value instanceof Error) return true;
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

export const arbitraryTree: fc.Arbitrary<unknown> = tree;
export const arbitraryGraph: fc.Arbitrary<unknown> = fc
  .tuple(fc.array(tree, { minLength: 1, maxLength: 6 }), fc.array(fc.tuple(fc.nat(20), fc.nat(20)), { maxLength: 8 }))
  .map(linked);
