/** How a child gets what it must know: as a file without a name, however long it is. */
import { closeSync, fstatSync, readSync, writeSync } from "node:fs";
import { checked, native } from "@cordage/ipc/sys";

/** Puts bytes where a child can read them, however many: a memfd, to be closed by the caller. */
export function dataDescriptor(data: Uint8Array): number {
  const fd = checked<number>(native.memfdCreate("cordage:preparation"), "memfd_create", "start a process");
  try {
    for (let at = 0; at < data.length; ) at += writeSync(fd, data, at, data.length - at, at);
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** Everything in a file, from its beginning; closes the descriptor. */
export function readAll(fd: number): Uint8Array {
  const bytes = new Uint8Array(fstatSync(fd).size);
  for (let at = 0; at < bytes.length; ) at += readSync(fd, bytes, at, bytes.length - at, at);
  closeSync(fd);
  return bytes;
}
