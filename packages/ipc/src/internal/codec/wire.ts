/**
 * The one file that knows msgpackr: plain values to msgpack and back.
 *
 * What is worth knowing about msgpackr 2.1.3:
 * - pack() writes into a slab that all its instances share, from `position` on; useBuffer() gives it one and starts
 *   at 0. What might not fit (three bytes for each character) goes to a slab of its own, which is never a small one.
 * - It calls toJSON, loses -0, renames `__proto__`, replaces lone surrogates, and cannot tell a Map from an object
 *   unless records are on, whose definitions are compiled with `new Function`. So nothing of the kind is given to it:
 *   `isPlain` keeps it from the encoder, `scan` from the decoder.
 * - unpack() hangs a `dataView` on the array that it reads, so it never gets an array of the user's.
 */
import { Packr, RESERVE_START_SPACE, Unpackr } from "msgpackr/index-no-eval";
import { badMessage } from "./bad-message.js";
import { NOT_QUICK, QuickReader } from "./quick-reader.js";
import { QuickWriter } from "./quick-writer.js";
import { scan } from "./scan.js";

/** The most bytes that can be left free in front of a message. */
export const MAX_RESERVE = 254;

const SLAB = 64 * 1024;
/** Where most messages are packed, one over the other: half for the quick writer, half for msgpackr. */
const slabs = Buffer.allocUnsafeSlow(2 * SLAB);
const quickSlab = slabs.subarray(0, SLAB);
const slab = slabs.subarray(SLAB);
/** Where those are kept that must outlast the next one, one behind the other. */
let pool = Buffer.allocUnsafeSlow(SLAB);
let pooled = 0;
const LARGEST_POOLED = SLAB / 8;
/** Where the bytes of a message may be put to be read in place. Nothing is kept in it between two calls. */
export const inbox = Buffer.allocUnsafeSlow(16 * 1024);
const common = { useRecords: false, mapsAsObjects: true, structuredClone: false, moreTypes: true };

interface Packer {
  pack(value: unknown, options: number): Buffer;
  useBuffer(slab: Buffer): void;
}
const packr = new Packr({ ...common, variableMapSize: true, useToJSON: false }) as unknown as Packer;
const copying = new Unpackr({ ...common, copyBuffers: true });
const viewing = new Unpackr(common);
const writer = new QuickWriter(quickSlab);
const reader = new QuickReader(inbox);
let packing = false;
packr.useBuffer(slab);

/** Where `packQuickly` packs. */
export const outbox = quickSlab;

/** As `pack`, into the outbox, for any value: where it ends; -1 if it is not one of the plainest. */
export function packQuickly(value: unknown, reserve: number): number {
  return writer.write(value, reserve);
}

/**
 * Packs a plain value behind `reserve` free bytes, which hold anything. The bytes are valid until anything else is
 * packed; `kept` makes them stay.
 */
export function pack(value: unknown, reserve: number): Buffer {
  const options = reserve === 0 ? 0 : RESERVE_START_SPACE | reserve;
  // A getter may encode something itself: msgpackr then takes another slab, and comes back to this one.
  if (packing) return packr.pack(value, options);
  packing = true;
  try {
    return packr.pack(value, options);
  } finally {
    packr.useBuffer(slab); // for the next one, and to let go of a larger one
    packing = false;
  }
}

/** Bytes that stay: those themselves, or a copy of what was packed into a slab. */
export function kept<T extends Uint8Array>(bytes: T): T {
  return bytes.buffer === slabs.buffer ? (copied(bytes) as Uint8Array as T) : bytes;
}

/** In a pool, because memory for each of a few thousand bytes would cost more than packing them. */
function copied(bytes: Uint8Array): Buffer {
  if (bytes.length > LARGEST_POOLED) return Buffer.from(bytes);
  if (pooled + bytes.length > pool.length) {
    pool = Buffer.allocUnsafeSlow(SLAB);
    pooled = 0;
  }
  const copy = pool.subarray(pooled, pooled + bytes.length);
  pooled += (bytes.length + 7) & ~7;
  copy.set(bytes);
  return copy;
}

/**
 * The plain value that starts at `start` and ends where the bytes do; `owned` allows binary values to be views of them.
 * @throws {CodecError} ERR_BAD_MESSAGE
 */
export function unpack(bytes: Uint8Array, start: number, owned: boolean): unknown {
  if (bytes.length <= inbox.length) {
    // Copied before it is scanned: what is scanned is what is read, even if the bytes are in shared memory.
    inbox.set(bytes);
    return unpackInbox(start, bytes.length, start === 0);
  }
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  return unpackFrom(source, start, bytes.length, owned ? viewing : copying);
}

/** As `unpack`, for bytes that lie in the inbox, up to `end`; `quickly` where the quick writer may have written them. */
export function unpackInbox(start: number, end: number, quickly: boolean): unknown {
  const value = quickly ? reader.read(start, end) : NOT_QUICK;
  if (value !== NOT_QUICK) return value;
  return unpackFrom(inbox, start, end, copying);
}

function unpackFrom(source: Buffer, start: number, end: number, unpackr: Unpackr): unknown {
  scan(source, start, end);
  try {
    return unpackr.unpack(source, { start, end });
  } catch (cause) {
    throw badMessage("it is not ours", cause);
  }
}
