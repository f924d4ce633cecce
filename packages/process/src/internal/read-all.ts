import { closeSync, fstatSync, readSync } from "node:fs";

/** Everything in a file, from its beginning; closes the descriptor. */
export function readAll(fd: number): Uint8Array {
  const bytes = new Uint8Array(fstatSync(fd).size);
  for (let at = 0; at < bytes.length; ) at += readSync(fd, bytes, at, bytes.length - at, at);
  closeSync(fd);
  return bytes;
}
