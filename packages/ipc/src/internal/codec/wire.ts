/**
 * The one file that knows msgpackr: plain values to msgpack and back.
 *
 * What is worth knowing about msgpackr 2.1.3:
 * - pack() returns a view of a slab; the next pack() goes on behind it, so the view stays valid.
 * - It calls toJSON, loses -0, renames `__proto__`, replaces lone surrogates, and cannot tell a Map from an object
 *   unless records are on, whose definitions are compiled with `new Function`. So nothing of the kind is given to it:
 *   `isPlain` keeps it from the encoder, `scan` from the decoder.
 * - unpack() hangs a `dataView` on the array that it reads, so it never gets an array of the user's.
 */
import { Packr, RESERVE_START_SPACE, Unpackr } from "msgpackr/index-no-eval";
import { badMessage } from "./bad-message.js";
import { scan } from "./scan.js";

/** The most bytes that can be left free in front of a message. */
export const MAX_RESERVE = 254;

const SMALL = 4096;
// A slab that grew for one large message would stay as long as any small one behind it.
const LARGEST_SLAB = 16 * 1024 * 1024;
const common = { useRecords: false, mapsAsObjects: true, structuredClone: false, moreTypes: true };

interface Packer {
  pack(value: unknown, options: number): Buffer;
  useBuffer(slab: Buffer): void;
}
const packr = new Packr({ ...common, variableMapSize: true, useToJSON: false }) as unknown as Packer;
const copying = new Unpackr({ ...common, copyBuffers: true });
const viewing = new Unpackr(common);
const scratch = Buffer.alloc(SMALL);

/** Packs a plain value behind `reserve` free bytes, which hold anything. The result is not used again. */
export function pack(value: unknown, reserve: number): Buffer {
  const bytes = packr.pack(value, reserve === 0 ? 0 : RESERVE_START_SPACE | reserve);
  if (bytes.buffer.byteLength > LARGEST_SLAB) packr.useBuffer(Buffer.allocUnsafeSlow(SMALL));
  return bytes;
}

/**
 * The plain value that starts at `start` and ends where the bytes do; `owned` allows binary values to be views of them.
 * @throws {CodecError} ERR_BAD_MESSAGE
 */
export function unpack(bytes: Uint8Array, start: number, owned: boolean): unknown {
  const small = bytes.length <= SMALL && !owned;
  // Copied before it is scanned: what is scanned is what is read, even if the bytes are in shared memory.
  if (small) scratch.set(bytes);
  const source = small ? scratch : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  scan(source, start, bytes.length);
  try {
    return (owned ? viewing : copying).unpack(source, { start, end: bytes.length });
  } catch (cause) {
    throw badMessage("it is not ours", cause);
  }
}
