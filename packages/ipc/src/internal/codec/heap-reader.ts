/** Makes the value of a heap (see tag.ts). Nothing in a heap is trusted. */
import { CordageError } from "../../errors.js";
import { sharedTypeNamed, type Transfer } from "../shared-type.js";
import { badMessage } from "./bad-message.js";
import { ofKind } from "./binary.js";
import { classNamed, type KnownClass } from "./classes.js";
import { MINUS_ZERO, type Node, Tag } from "./tag.js";

/** Gives the function that a FUNCTION node names. */
export type UnpackFunction = (fields: unknown[]) => Function;

/*
 * Reading is a loop over a stack of nodes, not a recursion: bytes must not choose how deep it goes.
 *
 *   container  NEW -> EMPTY (made) -> WAITING (for the PACKED and SHARED that it holds) -> FULL
 *   PACKED, SHARED  NEW -> MAKING (until all that their data holds is full) -> FULL
 *   others  NEW -> FULL
 *
 * INVARIANT: what is pushed above a node is FULL before the node is looked at again.
 */
enum State {
  NEW,
  MAKING,
  EMPTY,
  WAITING,
  FULL,
}

export class HeapReader {
  private readonly values: unknown[] = [];
  private readonly states: Uint8Array;
  private readonly stack: number[] = [];
  private readonly anyDeferred: boolean;

  constructor(
    private readonly nodes: unknown[],
    private readonly transfer: Transfer | undefined,
    private readonly unpackFunction: UnpackFunction | undefined,
    private readonly allowsShared: boolean,
  ) {
    this.states = new Uint8Array(nodes.length);
    this.anyDeferred = nodes.some((node) => Array.isArray(node) && isDeferred(node));
  }

  /** @throws {CodecError} ERR_BAD_MESSAGE */
  read(): unknown {
    if (this.nodes.length === 0) throw badMessage("its heap is empty");
    const root = this.nodes[0];
    this.require(root);
    this.get(root);
    while (this.stack.length > 0) this.step(this.stack.at(-1)!);
    return this.get(root);
  }

  private step(id: number): void {
    const node = this.nodes[id] as Node;
    if (this.states[id] === State.FULL) this.stack.pop();
    else if (isDeferred(node)) this.stepDeferred(id, node);
    else this.stepContainer(id, node);
  }

  private stepDeferred(id: number, node: Node): void {
    if (this.states[id] === State.NEW) {
      this.states[id] = State.MAKING;
      this.require(node[2]);
      this.get(node[2]);
    } else {
      this.stack.pop();
      this.values[id] = node[0] === Tag.PACKED ? this.unpacked(node) : this.attached(node);
      this.states[id] = State.FULL;
    }
  }

  private stepContainer(id: number, node: Node): void {
    if (this.states[id] === State.EMPTY && this.anyDeferred) {
      this.states[id] = State.WAITING;
      for (const slot of node) this.require(slot);
    } else {
      this.stack.pop();
      this.states[id] = State.FULL;
      this.fill(this.values[id] as object, node);
    }
  }

  /** Has a slot's value made first if it is PACKED or SHARED. */
  private require(slot: unknown): void {
    if (!isReference(slot)) return;
    const node = this.nodes[slot[0]];
    if (!Array.isArray(node) || !isDeferred(node)) return;
    if (this.states[slot[0]] === State.MAKING)
      throw badMessage("what a class packed contains the packed instance itself");
    if (this.states[slot[0]] === State.NEW) this.stack.push(slot[0]);
  }

  private get(slot: unknown): unknown {
    if (typeof slot !== "object" || slot === null) return slot;
    if (!Array.isArray(slot) || slot.length !== 1) throw badMessage("a slot holds neither a primitive nor a reference");
    return slot[0] === MINUS_ZERO ? -0 : this.at(slot[0]);
  }

  /** The value of a node, which is filled with its contents later if it is a container. */
  private at(id: unknown): unknown {
    const node = isReference([id]) ? this.nodes[id as number] : undefined;
    if (!Array.isArray(node)) throw badMessage("a reference leads nowhere");
    const index = id as number;
    if (this.states[index] === State.NEW && !isDeferred(node)) {
      this.values[index] = this.make(node, index);
    }
    return this.values[index];
  }

  private make(node: Node, id: number): unknown {
    this.states[id] = State.FULL;
    const value = node[0] === Tag.BYTES ? this.bytes(node) : made(node);
    if (value !== undefined) return value;
    switch (node[0]) {
      case Tag.BOXED:
        return boxed(this.leaf(node[1]));
      case Tag.REGEXP:
        return regexp(this.leaf(node[1]), node[2]);
      case Tag.FUNCTION:
        return this.resolved(node);
      default:
        this.states[id] = State.EMPTY;
        this.stack.push(id);
        return this.container(node);
    }
  }

  private bytes(node: Node): unknown {
    const [, kind, content] = node;
    if (Buffer.isBuffer(content)) return ofKind(kind as number, content);
    if (content === undefined || !this.transfer?.takeBytes) return undefined;
    return ofKind(kind as number, Buffer.from(this.transfer.takeBytes(content)));
  }

  /** A primitive, or a string that is a node. */
  private leaf(slot: unknown): unknown {
    const node = isReference(slot) ? this.nodes[slot[0]] : undefined;
    if (node !== undefined && !(Array.isArray(node) && node[0] === Tag.TEXT))
      throw badMessage("a primitive is something else");
    return this.get(slot);
  }

  private container(node: Node): object {
    switch (node[0]) {
      case Tag.OBJECT:
        return {};
      case Tag.ARRAY:
      case Tag.SPARSE:
        return [];
      case Tag.MAP:
        return new Map();
      case Tag.SET:
        return new Set();
      case Tag.ERROR:
        return emptyError(node[1]);
      case Tag.DOM:
        return new DOMException(this.text(node[1]), this.text(node[2]));
      case Tag.CLASS:
        return emptyInstance(node);
      default:
        throw badMessage("a node has no known kind");
    }
  }

  private text(slot: unknown): string {
    const value = this.leaf(slot);
    if (typeof value !== "string") throw badMessage("a name or text is not a string");
    return value;
  }

  private unpacked(node: Node): unknown {
    const known = registered(node[1]);
    if (!known.unpack) throw badMessage(`class ${known.name} is registered here without unpack`);
    const data = this.get(node[2]);
    try {
      return known.unpack(data as never);
    } catch (cause) {
      throw badMessage(`unpack of class ${known.name} failed`, cause);
    }
  }

  private attached(node: Node): object {
    const type = typeof node[1] === "string" ? sharedTypeNamed(node[1]) : undefined;
    if (!this.allowsShared && !type?.remote) throw badMessage("it holds a shared object, which nobody may send here");
    if (!type)
      throw badMessage(`its type is not known here; import the package that has it, received '${shown(node[1])}'`);
    const data = this.get(node[2]);
    try {
      return type.unpack(data, this.transfer);
    } catch (cause) {
      if (cause instanceof CordageError) throw cause;
      throw badMessage(`the handle of a ${type.name} is not one`, cause);
    }
  }

  private resolved(node: Node): Function {
    if (!this.unpackFunction) throw badMessage("it holds a function, which nobody may send here");
    return this.unpackFunction(node.slice(1));
  }

  private fill(target: object, node: Node): void {
    switch (node[0]) {
      case Tag.OBJECT:
        this.fillRecord(target as Record<string, unknown>, node);
        break;
      case Tag.ARRAY:
        this.fillArray(target as unknown[], node, 1);
        break;
      case Tag.SPARSE:
        this.fillSparse(target as unknown[], node);
        break;
      case Tag.MAP:
        this.fillMap(target as Map<unknown, unknown>, node, 1);
        break;
      case Tag.SET:
        this.fillSet(target as Set<unknown>, node, 1);
        break;
      case Tag.ERROR:
        this.fillError(target, node);
        break;
      case Tag.DOM:
        this.defineAll(target, node, 3, node.length, false);
        break;
      default:
        this.fillInstance(target, node);
    }
  }

  private fillRecord(target: Record<string, unknown>, node: Node): void {
    for (let i = 1; i < node.length; i += 2) {
      const key = this.text(node[i]);
      const value = this.get(node[i + 1]);
      if (key === "__proto__") define(target, key, value, true);
      else target[key] = value;
    }
  }

  private fillArray(target: unknown[], node: Node, from: number): void {
    for (let i = from; i < node.length; i++) target[i - from] = this.get(node[i]);
  }

  private fillSparse(target: unknown[], node: Node): void {
    const length = node[1] as number;
    if (!isBelow(length, 0x100000000)) throw badMessage("an array has no length");
    target.length = length;
    for (let i = 2; i < node.length; i += 2) {
      if (!isBelow(node[i], length)) throw badMessage("an array's index lies outside of it");
      target[node[i] as number] = this.get(node[i + 1]);
    }
  }

  private fillMap(target: Map<unknown, unknown>, node: Node, from: number): void {
    for (let i = from; i < node.length; i += 2)
      Map.prototype.set.call(target, this.get(node[i]), this.get(node[i + 1]));
  }

  private fillSet(target: Set<unknown>, node: Node, from: number): void {
    for (let i = from; i < node.length; i++) Set.prototype.add.call(target, this.get(node[i]));
  }

  private fillError(target: object, node: Node): void {
    const shownFrom = 4 + 2 * count(node[3], node);
    for (const key of ["stack", "message"]) Reflect.deleteProperty(target, key);
    if (node[2] !== undefined) define(target, "name", this.text(node[2]), false);
    this.defineAll(target, node, 4, shownFrom, false);
    this.defineAll(target, node, shownFrom, node.length, true);
  }

  private fillInstance(target: object, node: Node): void {
    const contents = 4 + 2 * count(node[3], node);
    this.defineAll(target, node, 4, contents, true);
    if (Array.isArray(target)) this.fillArray(target, node, contents);
    else if (node[2] === Tag.MAP) this.fillMap(target as Map<unknown, unknown>, node, contents);
    else if (node[2] === Tag.SET) this.fillSet(target as Set<unknown>, node, contents);
  }

  /** Defines rather than assigns: no setter of a class runs on what was received. */
  private defineAll(target: object, node: Node, from: number, end: number, enumerable: boolean): void {
    for (let i = from; i < end; i += 2) define(target, this.text(node[i]), this.get(node[i + 1]), enumerable);
  }
}

function isDeferred(node: Node): boolean {
  return node[0] === Tag.PACKED || node[0] === Tag.SHARED;
}

/** Node 1 is in place 1, behind the root. */
function isReference(slot: unknown): slot is [number] {
  return Array.isArray(slot) && slot.length === 1 && Number.isInteger(slot[0]) && slot[0] > 0;
}

function define(target: object, key: string, value: unknown, enumerable: boolean): void {
  Object.defineProperty(target, key, { value, enumerable, writable: true, configurable: true });
}

function isBelow(value: unknown, end: number): boolean {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) < end;
}

function count(value: unknown, node: Node): number {
  if (!isBelow(value, node.length)) throw badMessage("a node does not hold as much as it says");
  return value as number;
}

function shown(name: unknown): string {
  return typeof name === "string" ? name.slice(0, 100) : typeof name;
}

/** Values that need nothing but their own node. */
function made(node: Node): unknown {
  switch (node[0]) {
    case Tag.DATE:
      return typeof node[1] === "number" ? new Date(node[1]) : undefined;
    case Tag.URL:
      return URL.canParse(String(node[1])) ? new URL(String(node[1])) : undefined;
    case Tag.TEXT:
      return Buffer.isBuffer(node[1]) ? node[1].toString("utf16le") : undefined;
    default:
      return undefined;
  }
}

function boxed(value: unknown): object {
  if (value === null || value === undefined || typeof value === "object") throw badMessage("it boxes no primitive");
  return Object(value);
}

function regexp(source: unknown, flags: unknown): RegExp {
  try {
    return new RegExp(source as string, flags as string);
  } catch (cause) {
    throw badMessage("a regular expression is not one", cause);
  }
}

function registered(name: unknown): KnownClass {
  const known = typeof name === "string" ? classNamed(name) : undefined;
  if (known) return known;
  throw badMessage(`its class is not registered here; import the module that does, received '${shown(name)}'`);
}

function emptyError(name: unknown): object {
  const { cls, unpack } = registered(name);
  if (!(cls.prototype instanceof Error) && cls !== Error)
    throw badMessage("the class of an error is not one of errors");
  if (unpack) throw badMessage(`class ${shown(name)} is registered here with unpack`);
  return Reflect.construct(Error, [], cls);
}

const bases: Partial<Record<Tag, ArrayConstructor | MapConstructor | SetConstructor>> = {
  [Tag.ARRAY]: Array,
  [Tag.MAP]: Map,
  [Tag.SET]: Set,
};

function emptyInstance(node: Node): object {
  const { cls, unpack } = registered(node[1]);
  if (unpack) throw badMessage(`class ${shown(node[1])} is registered here with unpack`);
  const base = bases[node[2] as Tag];
  if (!base) return Object.create(cls.prototype);
  if (!(cls.prototype instanceof base)) throw badMessage(`class ${shown(node[1])} extends no ${base.name}`);
  return Reflect.construct(base, [], cls);
}
