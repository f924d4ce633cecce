/** Values to bytes and back. */
import { Packr } from "msgpackr";
import type { Transfer } from "../shared-type.js";

const packr = new Packr({ structuredClone: true, moreTypes: true, useRecords: false } as ConstructorParameters<
  typeof Packr
>[0]);

/** @throws {CodecError} ERR_NOT_SERIALIZABLE with the path to the value that cannot travel */
export function encode(value: unknown, _transfer?: Transfer): Uint8Array {
  return packr.pack(value);
}

/** @throws {CodecError} ERR_BAD_MESSAGE when the bytes hold no value */
export function decode(bytes: Uint8Array, _transfer?: Transfer): unknown {
  return packr.unpack(bytes);
}
