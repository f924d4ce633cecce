/** Turns any value that can travel into a heap (see tag.ts). */
import { types } from "node:util";
import { CodecError } from "../../errors.js";
import { discardHandle, isCellHandle } from "../cell.js";
import { type SharedType, sharedTypeOf, type Transfer } from "../shared-type.js";
import { bytesOf, kindOf } from "./binary.js";
import { classOfError, classOfPrototype, type KnownClass } from "./classes.js";
import { joined, step } from "./path.js";
import { isFaithful } from "./plain.js";
import { refusalOf } from "./refusal.js";
import { MINUS_ZERO, type Node, Tag } from "./tag.js";

/** What a writer of functions gives back: the fields of a FUNCTION node. */
export type PackFunction = (fn: Function) => unknown[];

/** A string that must travel as UTF-16. */
class Text {
  constructor(readonly text: string) {}
}

/** Bytes that travel beside the message, where they can. */
export const LARGE = 64 * 1024;

const HIDDEN = ["message", "stack", "cause", "errors"];

export class HeapWriter {
  /** Node 0 stands for the root: its only slot. */
  private readonly nodes: Node[] = [[]];
  private readonly sources: unknown[] = [undefined];
  private readonly ids = new Map<unknown, number>();
  // Where each node was met first, to say the path to what is refused.
  private readonly parents = [0];
  private readonly positions = [0];
  private readonly shared: Array<{ id: number; type: SharedType<object> }> = [];
  private current = 0;

  private readonly packed: unknown[] = [];

  constructor(
    private readonly transfer: Transfer | undefined,
    private readonly packFunction: PackFunction | undefined,
    private readonly allowsShared: boolean,
  ) {}

  /** @throws {CodecError} ERR_NOT_SERIALIZABLE with the path to what cannot travel */
  write(value: unknown): unknown[] {
    try {
      this.nodes[0]!.push(this.slot(value));
      this.drain(1);
      this.writeShared();
    } catch (error) {
      this.discardPacked();
      throw this.refused(error);
    }
    const [root, ...nodes] = this.nodes;
    return [root![0], ...nodes];
  }

  private drain(from: number): void {
    for (let id = from; id < this.sources.length; id++) {
      this.current = id;
      this.fill(this.nodes[id]!, this.sources[id]);
    }
  }

  /** Last, because packing takes counts and descriptors, which a refusal elsewhere would leak. */
  private writeShared(): void {
    for (const { id, type } of this.shared) {
      this.current = id;
      const from = this.sources.length;
      const data = type.pack(this.sources[id] as object, this.transfer, this.allowsShared);
      this.packed.push(data);
      this.nodes[id]!.push(this.slot(data));
      if (type.module && this.packFunction) this.nodes[id]!.push(type.module);
      this.drain(from);
    }
  }

  private discardPacked(): void {
    for (const data of this.packed) {
      const parts = isCellHandle(data) ? [data] : Object.values(Object(data));
      for (const part of parts) if (isCellHandle(part)) discardHandle(part);
    }
  }

  private slot(value: unknown): unknown {
    switch (typeof value) {
      case "object":
        return value === null ? null : this.reference(value);
      case "function":
        return this.reference(value);
      case "string":
        return isFaithful(value) ? value : this.reference(new Text(value));
      case "number":
        return Object.is(value, -0) ? [MINUS_ZERO] : value;
      case "symbol":
        throw new Refusal("a symbol cannot travel");
      default:
        return value;
    }
  }

  private reference(value: object): [number] {
    const known = this.ids.get(value);
    if (known !== undefined) return [known];
    const id = this.nodes.length;
    this.ids.set(value, id);
    this.nodes.push([]);
    this.sources.push(value);
    this.parents.push(this.current);
    this.positions.push(this.nodes[this.current]!.length);
    return [id];
  }

  private fill(node: Node, value: unknown): void {
    if (typeof value === "function") this.fillFunction(node, value);
    else if (types.isProxy(value)) throw new Refusal("a Proxy cannot travel");
    else if (Array.isArray(value)) this.fillArray(node, value);
    else this.fillObject(node, value as object);
  }

  private fillObject(node: Node, value: object): void {
    const prototype = Object.getPrototypeOf(value);
    if (prototype === Object.prototype || prototype === null) this.fillRecord(node, value);
    else if (!this.fillOurs(node, value, prototype) && !this.fillBuiltIn(node, value)) this.fillRecord(node, value);
  }

  private fillFunction(node: Node, fn: Function): void {
    if (!this.packFunction) throw new Refusal(refusalOf(fn)!);
    const fields = this.packFunction(fn);
    node.push(Tag.FUNCTION, ...fields);
  }

  private fillOurs(node: Node, value: object, prototype: object): boolean {
    const type = sharedTypeOf(value);
    if (type) {
      if (!this.allowsShared && !type.remote)
        throw new Refusal(`a ${type.name} cannot travel here: the peer may be on another machine`);
      node.push(Tag.SHARED, type.name);
      this.shared.push({ id: this.current, type });
      return true;
    }
    const known = classOfPrototype(prototype);
    if (known?.pack) {
      node.push(Tag.PACKED, known.name);
      node.push(this.slot(known.pack(value as never)));
    } else if (known && !types.isNativeError(value)) this.fillInstance(node, value, known);
    else return false;
    return true;
  }

  private fillArray(node: Node, array: unknown[]): void {
    const known = classOfPrototype(Object.getPrototypeOf(array));
    if (known) this.fillOurs(node, array, known.cls.prototype);
    else if (isSparse(array)) this.fillSparse(node, array);
    else {
      node.push(Tag.ARRAY);
      this.pushItems(node, array);
    }
  }

  private pushItems(node: Node, items: Iterable<unknown>): void {
    for (const item of items) node.push(this.slot(item));
  }

  private fillSparse(node: Node, array: unknown[]): void {
    node.push(Tag.SPARSE, array.length);
    for (const key of Object.keys(array)) {
      if (!isIndex(key)) continue;
      node.push(Number(key));
      node.push(this.slot(array[Number(key)]));
    }
  }

  private fillRecord(node: Node, record: object): void {
    node.push(Tag.OBJECT);
    this.pushProperties(node, record, Object.keys(record));
  }

  private pushProperties(node: Node, record: object, keys: string[]): void {
    for (const key of keys) {
      node.push(this.slot(key));
      node.push(this.slot((record as Record<string, unknown>)[key]));
    }
  }

  private pushEntries(node: Node, map: Map<unknown, unknown>): void {
    for (const [key, item] of Map.prototype.entries.call(map)) {
      node.push(this.slot(key));
      node.push(this.slot(item));
    }
  }

  private fillInstance(node: Node, value: object, known: KnownClass): void {
    const base = baseOf(value);
    const keys = Object.keys(value).filter((key) => base !== Tag.ARRAY || !isIndex(key));
    node.push(Tag.CLASS, known.name, base, keys.length);
    this.pushProperties(node, value, keys);
    if (base === Tag.MAP) this.pushEntries(node, value as Map<unknown, unknown>);
    else if (base === Tag.SET) this.pushItems(node, Set.prototype.values.call(value as Set<unknown>));
    else if (base === Tag.ARRAY) this.pushItems(node, value as unknown[]);
  }

  private fillBuiltIn(node: Node, value: object): boolean {
    if (value instanceof Text) node.push(Tag.TEXT, Buffer.from(value.text, "utf16le"));
    else if (ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value)) this.fillBytes(node, value);
    else if (types.isMap(value)) {
      node.push(Tag.MAP);
      this.pushEntries(node, value as Map<unknown, unknown>);
    } else if (types.isSet(value)) {
      node.push(Tag.SET);
      this.pushItems(node, Set.prototype.values.call(value as Set<unknown>));
    } else if (isDomException(value)) this.fillDom(node, value);
    // After DOMException: from Node 26 on, one counts as a native error too.
    else if (types.isNativeError(value)) this.fillError(node, value);
    else return this.fillLeaf(node, value);
    return true;
  }

  private fillBytes(node: Node, value: ArrayBufferView | ArrayBufferLike): void {
    const buffer = ArrayBuffer.isView(value) ? value.buffer : value;
    if (types.isSharedArrayBuffer(buffer)) throw new Refusal(refusalOf(buffer)!);
    const bytes = bytesOf(value as ArrayBuffer);
    const beside = bytes.length >= LARGE ? this.transfer?.addBytes?.(bytes) : undefined;
    node.push(Tag.BYTES, kindOf(value as ArrayBuffer), beside ?? bytes);
  }

  private fillLeaf(node: Node, value: object): boolean {
    if (types.isDate(value)) node.push(Tag.DATE, Date.prototype.getTime.call(value));
    else if (types.isRegExp(value)) node.push(Tag.REGEXP, this.slot(value.source), value.flags);
    else if (value instanceof URL) node.push(Tag.URL, value.href);
    else if (types.isBoxedPrimitive(value) && !types.isSymbolObject(value)) {
      node.push(Tag.BOXED);
      node.push(this.slot(value.valueOf()));
    } else {
      const reason = refusalOf(value);
      if (reason !== undefined) throw new Refusal(reason);
      return false;
    }
    return true;
  }

  private fillError(node: Node, error: Error): void {
    const known = classOfError(error);
    const named = !Object.prototype.propertyIsEnumerable.call(error, "name") && error.name !== known.cls.prototype.name;
    node.push(Tag.ERROR, known.name, named && typeof error.name === "string" ? this.slot(error.name) : undefined);
    const hidden = HIDDEN.filter(
      (key) => Object.hasOwn(error, key) && !Object.prototype.propertyIsEnumerable.call(error, key),
    );
    node.push(hidden.length);
    this.pushProperties(node, error, [...hidden, ...Object.keys(error)]);
  }

  private fillDom(node: Node, error: Error): void {
    node.push(Tag.DOM, this.slot(error.message), this.slot(error.name));
    this.pushProperties(node, error, Object.hasOwn(error, "cause") ? ["stack", "cause"] : ["stack"]);
  }

  private refused(error: unknown): CodecError {
    const position = this.nodes[this.current]!.length;
    const path = this.pathTo(this.current, position);
    const ours = error instanceof Refusal || error instanceof CodecError;
    const reason = ours
      ? error.message.replace(/^cannot (send|encode) /, "")
      : `reading it failed: ${messageOf(error)}`;
    const cause = ours ? error.cause : error;
    return new CodecError("ERR_NOT_SERIALIZABLE", `cannot encode ${path}: ${reason}`, path, { cause });
  }

  private pathTo(node: number, position: number): string {
    const steps: string[] = [];
    // A node without slots is itself what was refused.
    if (this.nodes[node]!.length > 0) steps.push(step(this.nodes[node]!, position));
    for (let id = node; id > 0; id = this.parents[id]!)
      if (this.parents[id]! > 0) steps.push(step(this.nodes[this.parents[id]!]!, this.positions[id]!));
    return joined(steps);
  }
}

/** Why a value is refused; the writer adds the path. */
export class Refusal extends Error {}

function messageOf(error: unknown): string {
  return types.isNativeError(error) ? error.message : "it threw no error";
}

function isIndex(key: string): boolean {
  const index = Number(key) >>> 0;
  return String(index) === key && index !== 0xffffffff;
}

function isSparse(array: unknown[]): boolean {
  for (let i = 0; i < array.length; i++) if (array[i] === undefined && !(i in array)) return true;
  return false;
}

function isDomException(value: object): value is Error {
  const cls = (globalThis as { DOMException?: Function }).DOMException;
  return cls !== undefined && value instanceof (cls as new () => object);
}

/** What a class extends, as far as its contents are not properties. */
function baseOf(value: object): Tag {
  if (Array.isArray(value)) return Tag.ARRAY;
  if (types.isMap(value)) return Tag.MAP;
  if (types.isSet(value)) return Tag.SET;
  if (ArrayBuffer.isView(value) || types.isAnyArrayBuffer(value) || types.isDate(value) || types.isRegExp(value))
    throw new Refusal("its class has contents that are not properties: register it with pack and unpack");
  return Tag.OBJECT;
}
