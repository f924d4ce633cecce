/** From what users register to a descriptor. */
import { Socket as NodeSocket } from "node:net";
import { invalidType, outOfRange } from "@cordage/ipc/sys";
import type { FileObject } from "../selector-key.js";

const HIGHEST = 0x7fffffff;

/**
 * The descriptor's number.
 * @throws {RangeError} ERR_OUT_OF_RANGE for a number that is none, such as the -1 of what is closed
 * @throws {TypeError} ERR_INVALID_ARG_TYPE for what has none
 */
export function descriptorOf(fileobj: FileObject, doing: string): number {
  const fd = typeof fileobj === "number" ? fileobj : filenoOf(fileobj, doing);
  if (Number.isInteger(fd) && fd >= 0 && fd <= HIGHEST) return fd;
  const reason =
    typeof fileobj === "number"
      ? "a descriptor is a whole number from 0"
      : "fileno() gave no descriptor: is it closed?";
  throw outOfRange(doing, reason, fd);
}

function filenoOf(fileobj: { fileno(): number }, doing: string): number {
  if (typeof (fileobj as unknown as { fileno?: unknown } | null)?.fileno === "function") return fileobj.fileno();
  throw invalidType(doing, `expected a descriptor's number or an object with fileno()${adviceOn(fileobj)}`, fileobj);
}

function adviceOn(value: unknown): string {
  if (value instanceof NodeSocket) return "; Node reads a socket of node:net by itself, use the Socket of this package";
  return typeof (value as { fd?: unknown } | null)?.fd === "number" ? "; register its fd" : "";
}
