/**
 * System calls on descriptors. Each throws a SystemError { errno, code, syscall } where it fails: EAGAIN where a
 * non-blocking one would have to wait. Everything made here is close-on-exec.
 */
import { checked } from "../checked.js";
import { native } from "../native.js";

/** Where in a buffer: `offset` and `length` in bytes; absent, all of it. */
export interface Slice {
  offset?: number;
  length?: number;
}

function within(buffer: Uint8Array, at: Slice | undefined): [number, number] {
  const offset = at?.offset ?? 0;
  return [offset, at?.length ?? buffer.length - offset];
}

/** A pipe. @throws {SystemError} EMFILE, ENFILE */
export function pipe(o?: { nonblocking?: boolean }): { reader: number; writer: number } {
  const ends = new Int32Array(2);
  checked(native.pipe(ends, o?.nonblocking ? 1 : 0), "pipe2");
  return { reader: ends[0]!, writer: ends[1]! };
}

/**
 * Reads what is there, at most the slice. @returns bytes; 0 at the end of the file
 * Blocks: thread, unless the descriptor is non-blocking.
 */
export function read(fd: number, buffer: Uint8Array, at?: Slice): number {
  const [offset, length] = within(buffer, at);
  return checked<number>(native.read(fd, buffer, offset, length), "read");
}

/** Writes what there is room for. @returns bytes, perhaps fewer than given. @throws {SystemError} EPIPE, EAGAIN, EBADF */
export function write(fd: number, buffer: Uint8Array, at?: Slice): number {
  const [offset, length] = within(buffer, at);
  return checked<number>(native.write(fd, buffer, offset, length), "write");
}

/** @throws {SystemError} EBADF */
export function close(fd: number): void {
  checked(native.close(fd), "close");
}

/** Another descriptor of the same open file, 3 or higher. @throws {SystemError} EBADF, EMFILE */
export function dup(fd: number): number {
  return checked<number>(native.dup(fd), "dup");
}

/** The status flags: O_NONBLOCK and so on, as in `fs.constants`. */
export function getFlags(fd: number): number {
  return checked<number>(native.getFlags(fd), "fcntl");
}

export function setFlags(fd: number, flags: number): void {
  checked(native.setFlags(fd, flags), "fcntl");
}

/**
 * The commands of fcntl(2) whose argument is a number, by the constants `F_*`: the flags (`O_ASYNC` among them), who gets
 * SIGIO and which signal it is instead, a pipe's size.
 *
 * @param argument what the command sets; those that only ask ignore it
 * @returns what the command asks for, 0 from those that set
 * @throws {SystemError} EINVAL for every other command, EBADF, EPERM; ERANGE where F_GETOWN finds a process group
 */
export function fcntl(fd: number, command: number, argument = 0): number {
  return checked<number>(native.fcntl(fd, command, argument), "fcntl");
}

/** How many bytes a read would find. @throws {SystemError} ENOTTY where that is unknown */
export function available(fd: number): number {
  return checked<number>(native.available(fd), "ioctl");
}

/** Sends bytes, at least one, with descriptors; the caller keeps its own. Source: unix(7), SCM_RIGHTS. */
export function sendDescriptors(socket: number, buffer: Uint8Array, descriptors: readonly number[]): number {
  const list = Int32Array.from(descriptors);
  return checked<number>(native.sendDescriptors(socket, buffer, 0, buffer.length, list), "sendmsg");
}

/** Receives bytes and at most `most` descriptors, which the caller owns from then on. */
export function receiveDescriptors(
  socket: number,
  buffer: Uint8Array,
  most = 16,
): { bytes: number; descriptors: number[] } {
  const list = new Int32Array(most);
  const bytes = checked<number>(native.receiveDescriptors(socket, buffer, 0, buffer.length, list), "recvmsg");
  return { bytes, descriptors: [...list].filter((fd) => fd >= 0) };
}

/** What `poll` waits for at one descriptor: POLLIN 1, POLLPRI 2, POLLOUT 4. */
export interface PollEntry {
  fd: number;
  events: number;
}

/**
 * Waits until a descriptor is ready. @param timeout milliseconds; absent or negative waits without end
 * @returns the found events of each entry, in order; also POLLERR 8, POLLHUP 16, POLLNVAL 32
 * @throws {SystemError} EINTR when a signal came
 * Blocks: thread. Source: poll(2).
 */
export function poll(entries: readonly PollEntry[], timeout = -1): number[] {
  const triples = Int32Array.from(entries.flatMap(({ fd, events }) => [fd, events, 0]));
  checked(native.poll(triples, entries.length, timeout), "poll");
  return entries.map((_, i) => triples[3 * i + 2]!);
}
