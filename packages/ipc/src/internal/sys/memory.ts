/** System calls on memory and the words in it. Each throws a SystemError { errno, code, syscall } where it fails. */
import { ftruncateSync } from "node:fs";
import { backWithMemory } from "../backing.js";
import { AGAIN, checked, INTERRUPTED, TIMED_OUT } from "../checked.js";
import { native } from "../native.js";
import { fsCall } from "../shm/file.js";

/**
 * A new anonymous file of `size` zeroed bytes, backed by memory at once. Source: memfd_create(2), fallocate(2).
 * @returns its descriptor, close-on-exec
 * @throws {SystemError} EMFILE, ENOMEM, ENOSPC
 */
export function memfd(name: string, size: number): number {
  const fd = checked<number>(native.memfdCreate(name), "memfd_create");
  try {
    fsCall("ftruncate", "size a memfd", () => ftruncateSync(fd, size));
    backWithMemory(fd, size, "create shared memory");
    return fd;
  } catch (error) {
    native.close(fd);
    throw error;
  }
}

/**
 * The first `length` bytes of a file as memory that every mapping of it shares. It outlives the descriptor.
 * @throws {SystemError} EINVAL when the file is shorter, EBADF, ENOMEM
 * @throws {RangeError} when this Node has no buffers of that length
 */
export function map(fd: number, length: number): ArrayBuffer {
  return checked<ArrayBuffer>(native.map(fd, 0, length), "mmap");
}

/** Unmaps: the buffer and its views become empty. */
export function unmap(buffer: ArrayBuffer): void {
  checked(native.detach(buffer), "munmap");
}

/**
 * Blocks the thread while the word is `expected`, until it is woken. Wakes may be spurious.
 * @param timeout milliseconds; absent or negative waits without end
 * Source: futex(2). Blocks: thread.
 */
export function futexWait(
  words: Int32Array,
  index: number,
  expected: number,
  timeout = -1,
): "woken" | "changed" | "timeout" {
  const result = native.futexWait(words, index, expected, timeout);
  if (result === AGAIN) return "changed";
  if (result === TIMED_OUT) return "timeout";
  if (result !== INTERRUPTED) checked(result, "futex");
  return "woken";
}

/** Wakes up to `count` who wait for the word, in any process. @returns how many there were */
export function futexWake(words: Int32Array, index: number, count = 1): number {
  return checked<number>(native.futexWake(words, index, count), "futex");
}
