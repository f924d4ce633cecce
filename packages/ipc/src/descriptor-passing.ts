/** Raw descriptors through a connection: CPython's multiprocessing.reduction.send_handle and recv_handle. */
import { Connection, type ConnectionOptions, internalsOf } from "./connection.js";
import { IpcError } from "./errors.js";
import { blockingCalls } from "./internal/blocking-calls.js";
import { noDescriptors } from "./internal/descriptor-transfer.js";
import type { Frame } from "./internal/frame-reader.js";
import { native } from "./internal/native.js";
import { type SyncWaitOptions, timeoutOf, type WaitOptions } from "./internal/options.js";

const DOING = "receive a descriptor";
const EMPTY = { bytes: new Uint8Array(0), framed: false };
const ANY = { longest: Number.POSITIVE_INFINITY };

function checkKind(connection: Connection, fd: number): readonly number[] {
  if (internalsOf(connection).descriptor.kind !== "unix") noDescriptors.addDescriptor(fd);
  return [fd];
}

/**
 * Sends an open descriptor to the other end, which gets a number of its own for the same open file.
 * @throws {IpcError} ERR_DESCRIPTOR_NOT_CARRIED unless the connection is a duplex pipe or a unix socket
 * @throws {SystemError} EBADF when it is not open
 */
export async function sendDescriptor(connection: Connection, fd: number): Promise<void> {
  connection.fileno();
  return internalsOf(connection).sender.send(EMPTY, checkKind(connection, fd), Number.POSITIVE_INFINITY, undefined);
}

/** As {@link sendDescriptor}, but blocks the thread. */
export function sendDescriptorSync(connection: Connection, fd: number): void {
  calls.sendDescriptorSync(connection, fd);
}

function taken({ descriptors }: Frame): number {
  const [fd, ...others] = descriptors;
  for (const other of others) native.close(other);
  if (fd === undefined) throw new IpcError("ERR_NO_DESCRIPTOR", `cannot ${DOING}: the message carried none`);
  return fd;
}

/**
 * Receives a descriptor that `sendDescriptor` sent. The caller owns it.
 * @throws {IpcError} ERR_NO_DESCRIPTOR when an ordinary message came instead; it is consumed
 */
export async function receiveDescriptor(connection: Connection, options?: WaitOptions): Promise<number> {
  connection.fileno();
  return taken(await internalsOf(connection).receiver.receive(ANY, timeoutOf(options, DOING), options?.signal));
}

/** As {@link receiveDescriptor}, but blocks the thread. */
export function receiveDescriptorSync(connection: Connection, options?: SyncWaitOptions): number {
  return calls.receiveDescriptorSync(connection, options);
}

const calls = {
  sendDescriptor,
  receiveDescriptor,
  sendDescriptorSync(connection: Connection, fd: number): void {
    connection.fileno();
    internalsOf(connection).sender.sendSync(EMPTY, checkKind(connection, fd), Number.POSITIVE_INFINITY);
  },
  receiveDescriptorSync(connection: Connection, options: SyncWaitOptions | undefined): number {
    connection.fileno();
    return taken(internalsOf(connection).receiver.receiveSync(ANY, timeoutOf(options, DOING)));
  },
};
blockingCalls("", calls, { sendDescriptorSync: ["sendDescriptor"], receiveDescriptorSync: ["receiveDescriptor", 1] });

/** A connection over an existing descriptor (a child's stdio, say), which it owns from then on. */
export function connectionFromDescriptor(fd: number, options?: ConnectionOptions): Connection {
  return new Connection(fd, options);
}
