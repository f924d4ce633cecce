/** ArrayBuffers and the views of them. */
import { types } from "node:util";

type ViewClass = { new (buffer: ArrayBuffer, at: number, length: number): unknown; BYTES_PER_ELEMENT?: number };

// The number of a kind is its place here. Float16Array came with Node 24.
const kinds = [
  "Buffer",
  "ArrayBuffer",
  "DataView",
  "Int8Array",
  "Uint8Array",
  "Uint8ClampedArray",
  "Int16Array",
  "Uint16Array",
  "Int32Array",
  "Uint32Array",
  "Float32Array",
  "Float64Array",
  "BigInt64Array",
  "BigUint64Array",
  "Float16Array",
];

const typedArrayTag = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag)!
  .get!;

/** The number of the kind of a view or buffer, whichever realm it is from. */
export function kindOf(value: ArrayBufferView | ArrayBuffer): number {
  if (Buffer.isBuffer(value)) return 0;
  if (!ArrayBuffer.isView(value)) return 1;
  return types.isDataView(value) ? 2 : kinds.indexOf(typedArrayTag.call(value));
}

/** The bytes of a view or buffer, not copied. */
export function bytesOf(value: ArrayBufferView | ArrayBuffer): Buffer {
  if (ArrayBuffer.isView(value)) return Buffer.from(value.buffer as ArrayBuffer, value.byteOffset, value.byteLength);
  return Buffer.from(value);
}

/** A value of the kind with these bytes, or undefined if there is no such kind here or the length does not fit. */
export function ofKind(kind: number, bytes: Buffer): unknown {
  if (kind === 0) return bytes;
  const name = kinds[kind];
  if (name === undefined) return undefined;
  if (name === "ArrayBuffer") return whole(bytes);
  const cls = (globalThis as unknown as Record<string, ViewClass | undefined>)[name];
  const size = cls?.BYTES_PER_ELEMENT ?? 1;
  if (cls === undefined || bytes.length % size !== 0) return undefined;
  const fits = bytes.byteOffset % size === 0;
  const buffer = fits ? (bytes.buffer as ArrayBuffer) : copied(bytes);
  return new cls(buffer, fits ? bytes.byteOffset : 0, bytes.length / size);
}

function copied(bytes: Buffer): ArrayBuffer {
  return Uint8Array.prototype.slice.call(bytes).buffer as ArrayBuffer;
}

function whole(bytes: Buffer): ArrayBuffer {
  return bytes.length === bytes.buffer.byteLength ? (bytes.buffer as ArrayBuffer) : copied(bytes);
}
