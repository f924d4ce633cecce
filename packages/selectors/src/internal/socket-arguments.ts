/** What the calls of sockets are given, checked. */
import { type Bytes, bytesOf, integerOf, invalidType, outOfRange } from "@cordage/ipc/sys";

export const RECEIVING = "receive from the socket";
export const SENDING = "send to the socket";
export const CONFIGURING = "set how long the socket waits";
const MOST = 0x7fffffff;

/** What {@link Socket} sends: bytes, or text, which goes as UTF-8. */
export type Data = Bytes | string;

/** Bytes that are one already are not wrapped again: a call must allocate nothing. */
export function viewOf(buffer: Bytes): Uint8Array {
  return buffer instanceof Uint8Array ? buffer : bytesOf(buffer, RECEIVING);
}

export function roomIn(buffer: Uint8Array, size: number | undefined): number {
  return size === undefined ? buffer.length : integerOf(size, "size", RECEIVING, 0, buffer.length);
}

/** How much may be received at most. */
export function sizeOf(size: number): number {
  return integerOf(size, "size", RECEIVING, 0, MOST);
}

export function dataOf(data: Data): Uint8Array {
  return typeof data === "string" ? Buffer.from(data) : data instanceof Uint8Array ? data : bytesOf(data, SENDING);
}

export function checkedFlags(flags: number, doing: string): number {
  return flags === 0 ? 0 : checkedInteger(flags, "flags", doing);
}

export function checkedInteger(value: unknown, what: string, doing: string): number {
  return integerOf(value, what, doing, -MOST - 1, MOST);
}

export function timeoutOf(milliseconds: number | null): number {
  if (milliseconds === null) return Number.POSITIVE_INFINITY;
  if (typeof milliseconds !== "number")
    throw invalidType(CONFIGURING, "the timeout is milliseconds or null", milliseconds);
  if (!(milliseconds >= 0))
    throw outOfRange(CONFIGURING, "the timeout is 0 or more milliseconds, or null", milliseconds);
  return milliseconds;
}
