/** The files behind named segments: created once, opened by name, removed by name. */
import { closeSync, constants, fstatSync, ftruncateSync, openSync, unlinkSync } from "node:fs";
import { IpcError, type SystemError } from "../../errors.js";
import { backWithMemory } from "../backing.js";
import { checked, EXISTS, systemError } from "../checked.js";
import { native } from "../native.js";
import { segmentPath } from "./path.js";

const { O_CREAT, O_EXCL, O_RDWR, O_NOFOLLOW, O_NONBLOCK } = constants;
const OWNER_ONLY = 0o600;

/** Runs a call of node:fs; its error becomes ours, whichever realm it is from. */
export function fsCall<T>(syscall: string, doing: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    const { errno } = error as NodeJS.ErrnoException;
    throw typeof errno === "number" ? systemError(errno, syscall, doing) : error;
  }
}

/** A new empty file, which must not exist. @returns its descriptor */
export function createFile(name: string): number {
  return fsCall("open", `create shared memory ${JSON.stringify(name)}`, () =>
    openSync(segmentPath(name), O_CREAT | O_EXCL | O_RDWR | O_NOFOLLOW, OWNER_ONLY),
  );
}

/** As {@link createFile}, under the first of the names that is free. */
export function createFileNamed(names: () => string): { name: string; fd: number } {
  for (;;) {
    const name = names();
    try {
      return { name, fd: createFile(name) };
    } catch (error) {
      if ((error as SystemError).errno !== EXISTS) throw error;
    }
  }
}

export function openFile(name: string): number {
  const doing = `attach to shared memory ${JSON.stringify(name)}`;
  const fd = fsCall("open", doing, () => openSync(segmentPath(name), O_RDWR | O_NOFOLLOW | O_NONBLOCK));
  const file = fstatSync(fd);
  if (file.isFile() && file.size > 0) return fd;
  closeSync(fd);
  const reason = file.isFile()
    ? "it is empty: its creator has not sized it yet, or ended before it did"
    : "it is no file";
  throw new IpcError("ERR_NOT_A_SEGMENT", `cannot ${doing}: ${reason}`);
}

export function removeFile(name: string): void {
  fsCall("unlink", `unlink shared memory ${JSON.stringify(name)}`, () => unlinkSync(segmentPath(name)));
}

/** Gives a new file its size, backed by memory at once: touching it later cannot fail. */
export function sizeFile(fd: number, size: number, doing: string): void {
  fsCall("ftruncate", doing, () => ftruncateSync(fd, size));
  backWithMemory(fd, size, doing);
}

/** The whole file as memory. The descriptor is not needed afterwards. */
export function mapFile(fd: number, doing: string): ArrayBuffer {
  return checked<ArrayBuffer>(native.map(fd, 0, fstatSync(fd).size), "mmap", doing);
}
