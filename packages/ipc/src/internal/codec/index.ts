/**
 * Values to bytes and back: data only, whatever the bytes are. What a structured clone keeps is kept; shared objects
 * travel as handles, registered classes keep their class, and functions travel by reference where both sides allow it.
 *
 * Differs from a structured clone: a view sends its own bytes, not the buffer around it; a Buffer stays one; an array
 * sends its items only; URLs and the own properties of errors travel too; an object of the platform (a Blob, Headers)
 * is refused rather than sent empty.
 */
import { types } from "node:util";
import { CodecError, invalidType } from "../../errors.js";
import { type FunctionReference, referenceOf, resolvedReference, resolveReference } from "../function-reference.js";
import { integerOf } from "../options.js";
import { sharedTypeNamed, type Transfer } from "../shared-type.js";
import { badMessage } from "./bad-message.js";
import { HeapReader } from "./heap-reader.js";
import { HeapWriter, LARGE } from "./heap-writer.js";
import { isPlain } from "./plain.js";
import { HEAP, Tag } from "./tag.js";
import { inbox, kept, MAX_RESERVE, outbox, pack, packQuickly, unpack, unpackInbox } from "./wire.js";

export { inbox, kept, outbox };

export interface EncodeOptions {
  /** Bytes to leave free in front of the message, for a header; 0 to 254. What they hold is not defined. */
  reserve?: number;
  /** Lets functions travel, by reference: only to a peer that is ours, such as a child. */
  functions?: boolean;
  /** False refuses shared objects: for a peer that may be on another machine. */
  shared?: boolean;
}

export interface DecodeOptions {
  /** The input is the decoder's from now on: Buffers and typed arrays in the result may be views of it. */
  owned?: boolean;
  /** Accepts references to functions, once {@link resolveReferences} has imported them. */
  functions?: boolean;
  /** False refuses shared objects: for a peer that is not trusted with this machine's memory and descriptors. */
  shared?: boolean;
}

/**
 * The bytes of a value. They are the caller's and stay valid. A getter may be read twice.
 * @throws {CodecError} ERR_NOT_SERIALIZABLE with the path to the value that cannot travel
 * @throws {RangeError} ERR_OUT_OF_RANGE when `reserve` is
 *
 * Blocks: never; the first time for each function, when `functions` is set, the thread for up to 25 ms.
 */
export function encode(value: unknown, transfer?: Transfer, options?: EncodeOptions): Buffer {
  return kept(encodeBriefly(value, transfer, options));
}

/** As {@link encode}, but the bytes are valid only until anything else is encoded. */
export function encodeBriefly(value: unknown, transfer?: Transfer, options?: EncodeOptions): Buffer {
  const reserve = reserveOf(options);
  const bytes = packPlain(value, reserve, transfer?.addBytes ? LARGE : undefined);
  if (bytes) return bytes;
  const functions = options?.functions ? packFunction : undefined;
  const heap = new HeapWriter(transfer, functions, options?.shared !== false).write(value);
  return packHeap(heap, reserve);
}

/**
 * As {@link encodeBriefly}, for the plainest values only, into `outbox`: where the message ends there; -1 if the value is not
 * one. For those who send so many that a Buffer for each would be felt.
 */
export function encodeQuickly(value: unknown, reserve: number): number {
  try {
    return packQuickly(value, reserve);
  } catch {
    return -1; // the general way says where and why
  }
}

function reserveOf(options: EncodeOptions | undefined): number {
  const reserve = options?.reserve;
  return reserve === undefined ? 0 : integerOf(reserve, "reserve", "encode the value", 0, MAX_RESERVE);
}

/** A value that cannot even be looked at is left to the writer, which says where and why. */
function packPlain(value: unknown, reserve: number, largest: number | undefined): Buffer | undefined {
  try {
    const end = packQuickly(value, reserve);
    if (end >= 0) return outbox.subarray(0, end);
    return isPlain(value, largest) ? pack(value, reserve) : undefined;
  } catch {
    return undefined;
  }
}

function packHeap(heap: unknown[], reserve: number): Buffer {
  try {
    const bytes = pack(heap, reserve + 1);
    bytes[reserve] = HEAP;
    return bytes;
  } catch (cause) {
    throw new CodecError("ERR_NOT_SERIALIZABLE", "cannot encode $: it is too large for one message", "$", { cause });
  }
}

/**
 * The value of a message that {@link encode} made.
 * @throws {CodecError} ERR_BAD_MESSAGE when the bytes hold no value, or one that may not be received here
 * @throws {IpcError} ERR_HANDLE_GONE when a shared object in it is gone
 *
 * Blocks: never.
 */
export function decode(bytes: Uint8Array, transfer?: Transfer, options?: DecodeOptions): unknown {
  if (!types.isUint8Array(bytes)) throw invalidType("decode the message", "it must be a Uint8Array", bytes);
  const owned = options?.owned === true;
  if (bytes[0] !== HEAP) return unpack(bytes, 0, owned);
  return readHeap(unpack(bytes, 1, owned), transfer, options);
}

/** A message that no longer needs its bytes. */
export interface Message {
  /** The value, or the heap that it is made of. */
  readonly content: unknown;
  readonly isHeap: boolean;
}

/**
 * First half of {@link decode}, which runs no code of others: for bytes up to `end` that lie in `inbox`, or in a buffer
 * that is the decoder's from now on; the message starts at `from`. {@link valueOf} does the rest.
 * @throws {CodecError} ERR_BAD_MESSAGE
 */
export function openMessage(bytes: Buffer, end: number, from = 0): Message {
  const isHeap = bytes[from] === HEAP;
  const content =
    bytes === inbox
      ? unpackInbox(isHeap ? from + 1 : from, end, !isHeap)
      : unpack(bytes.subarray(from, end), isHeap ? 1 : 0, true);
  return { content, isHeap };
}

/** Second half: throws and blocks as {@link decode} does. */
export function valueOf(message: Message, transfer?: Transfer, options?: DecodeOptions): unknown {
  return message.isHeap ? readHeap(message.content, transfer, options) : message.content;
}

function readHeap(content: unknown, transfer: Transfer | undefined, options: DecodeOptions | undefined): unknown {
  const functions = options?.functions ? unpackFunction : undefined;
  return new HeapReader(heapOf(content), transfer, functions, options?.shared !== false).read();
}

function heapOf(content: unknown): unknown[] {
  if (!Array.isArray(content)) throw badMessage("it has no heap");
  return content;
}

function packFunction(fn: Function): unknown[] {
  const { url, name, task, print } = referenceOf(fn);
  return [url, name, task === true, print];
}

function referenceIn([url, name, task, print]: unknown[]): FunctionReference {
  if (typeof url !== "string" || typeof name !== "string" || !(print === undefined || typeof print === "string"))
    throw badMessage("a reference to a function is not one");
  return { url, name, task: task === true, print };
}

function unpackFunction(fields: unknown[]): Function {
  const fn = resolvedReference(referenceIn(fields));
  if (!fn) throw badMessage("it refers to a function that resolveReferences has not imported yet");
  return fn;
}

/**
 * Imports what the functions in a message refer to, so that {@link decode} with `functions` can put them in place.
 * Only for messages of a trusted peer: importing a module runs it.
 * @returns undefined when there is nothing to wait for
 * @throws {CodecError} ERR_BAD_MESSAGE
 * @throws {IpcError} ERR_FUNCTION_NOT_FOUND (the promise) when a module does not export what is meant
 */
export function resolveReferences(bytes: Uint8Array): Promise<unknown> | undefined {
  return bytes[0] === HEAP ? importReferences({ content: unpack(bytes, 1, true), isHeap: true }) : undefined;
}

/** As {@link resolveReferences}, for a message that is open. */
export function importReferences({ content, isHeap }: Message): Promise<unknown> | undefined {
  if (!isHeap) return undefined;
  const nodes = heapOf(content).filter((node): node is unknown[] => Array.isArray(node));
  const missing = nodes
    .filter(([tag]) => tag === Tag.FUNCTION)
    .map((node) => referenceIn(node.slice(1)))
    .filter((reference) => !resolvedReference(reference))
    .map((reference) => resolveReference(reference));
  const modules = nodes.flatMap(moduleOfUnknownType).map((url) => import(url));
  return missing.length + modules.length === 0 ? undefined : Promise.all([...missing, ...modules]);
}

/** The module that registers the type of a shared object, if it is not registered yet. */
function moduleOfUnknownType([tag, type, , module]: unknown[]): string[] {
  const unknown = tag === Tag.SHARED && typeof type === "string" && !sharedTypeNamed(type);
  return unknown && typeof module === "string" ? [module] : [];
}
