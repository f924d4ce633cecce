/**
 * The start method `forkserver`: a server process that has imported what was asked, and forks for every start.
 *
 * One connection for each child, from start to end:
 *   client -> server   REQUEST: the key, carrying the descriptors of the child (life, data, stdout, stderr, passed ones)
 *   server -> client   the child's pid, carrying a pidfd; or nothing and the end, when the request was refused
 *   client -> child    one byte: go
 *   server -> client   the child's exit code
 * The child holds the connection too, so its end (of file) means that child and server are gone: the code is unknown.
 * A child runs nothing before "go": if its server dies before the client has its pid, the client starts another
 * server and asks again, and no target runs twice.
 *
 * A program whose modules go through a loader (--import, --loader) gets a new node for each start instead.
 *
 * The server lives as long as the process that started it. Its children, and theirs, use the same server.
 * Source: CPython multiprocessing/forkserver.py.
 */
import { randomBytes } from "node:crypto";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";
import { AuthenticationError } from "@cordage/ipc";
import { AGAIN, checked, encode, INTERRUPTED, native, systemError } from "@cordage/ipc/sys";
import { ProcessError } from "../errors.js";
import { FORKABLE } from "./forkable.js";
import { disown, type Launched, type LaunchRequest, lifelines, UNKNOWN_EXIT } from "./launched.js";
import { environment, inheritedFlags, launchSpawn, outputOr, withChannel } from "./spawn.js";

export const KEY_BYTES = 32;
/** The server's descriptors beyond the usual three. */
export const SERVER_LIFE = 3;
export const SERVER_DATA = 4;
export const SERVER_LISTENER = 5;
/** How long a server may take to answer, in milliseconds, before it counts as dead. */
const PATIENCE = 60_000;

const AF_UNIX = 1;
const SOCK_STREAM = 1;
const BACKLOG = 128;
const READABLE = 1;
const SHUT_RD = 0;
const serverMain = fileURLToPath(new URL("./forkserver-main.js", import.meta.url));

export interface ServerAddress {
  /** The abstract socket's name, without its leading NUL. */
  name: string;
  key: Uint8Array;
}

let server: ServerAddress | undefined;
/** The server that this very process started, if it did, and what keeps it alive. */
let started: { pid: number; life: number; by: number } | undefined;
let preload: readonly string[] = [];

/** Modules that the server imports before it forks; takes effect with the next server. */
export function setPreload(urls: readonly string[]): void {
  preload = urls;
}

export function currentServer(): ServerAddress | undefined {
  return server;
}

/** Uses a server that another process started. */
export function useServer(address: ServerAddress | undefined): void {
  server = address;
}

function socketAddress(name: string): Uint8Array {
  const bytes = Buffer.from(`\0\0\0${name}`, "latin1");
  bytes[0] = AF_UNIX;
  return bytes;
}

function newSocket(): number {
  return checked<number>(native.socket(AF_UNIX, SOCK_STREAM, 0), "socket", "reach the fork server");
}

/** Starts a server; it listens before it runs, so there is no moment at which it cannot be reached. */
function startServer(): ServerAddress {
  const address = { name: `cordage-forkserver-${randomBytes(16).toString("hex")}`, key: randomBytes(KEY_BYTES) };
  const listener = newSocket();
  try {
    checked(native.bind(listener, socketAddress(address.name)), "bind", "start the fork server");
    checked(native.listen(listener, BACKLOG), "listen", "start the fork server");
    const data = encode({ address, preload, argv: process.argv.slice(1) });
    withChannel(data, ({ life, data, nothing }) => {
      const descriptors = Int32Array.from([
        nothing,
        outputOr(1, nothing),
        outputOr(2, nothing),
        life[1],
        data,
        listener,
      ]);
      const argv = [process.execPath, ...FORKABLE, ...inheritedFlags(process.execArgv), serverMain];
      const pid = checked<number>(
        native.spawn(process.execPath, argv, environment(), process.cwd(), descriptors),
        "posix_spawn",
        "start the fork server",
      );
      lifelines.add(life[0]);
      started = { pid, life: life[0], by: process.pid };
    });
  } finally {
    native.close(listener);
  }
  return address;
}

class ServedChild implements Launched {
  constructor(
    readonly pid: number,
    private readonly pidfd: number,
    readonly endDescriptor: number,
    private readonly life: number,
  ) {
    lifelines.add(life);
  }

  poll(): number | undefined {
    const code = Buffer.alloc(4);
    const n = native.read(this.endDescriptor, code, 0, 4);
    if (n === AGAIN) return undefined;
    // From now on a sentinel, which is the same socket, is at its end, whenever the server closes its own side.
    native.shutdown(this.endDescriptor, SHUT_RD);
    return n === 4 ? code.readInt32LE() : UNKNOWN_EXIT;
  }

  signal(number: number): void {
    native.pidfdSignal(this.pidfd, number);
  }

  close(): void {
    for (const fd of [this.pidfd, this.endDescriptor, this.life]) native.close(fd);
    lifelines.delete(this.life);
  }
}

/** Waits until the connection can be read; false when the server takes too long. */
function answered(connection: number): boolean {
  const deadline = performance.now() + PATIENCE;
  for (;;) {
    const left = deadline - performance.now();
    const result = native.poll(Int32Array.from([connection, READABLE, 0]), 1, Math.max(left, 0));
    if (result === INTERRUPTED && left > 0) continue;
    return checked<number>(result, "poll", "reach the fork server") > 0;
  }
}

const REFUSED = 0;

/** The new child's pid and pidfd; undefined when the server is gone. */
function ask(connection: number, key: Uint8Array, descriptors: Int32Array): { pid: number; pidfd: number } | undefined {
  if (native.sendDescriptors(connection, key, 0, key.length, descriptors) !== key.length) return undefined;
  const reply = Buffer.alloc(4);
  const received = new Int32Array(1);
  if (!answered(connection)) return undefined;
  if (native.receiveDescriptors(connection, reply, 0, 4, received) !== 4) return undefined;
  const pid = reply.readInt32LE();
  if (pid === REFUSED) throw new AuthenticationError("cannot start a process: the fork server does not know this key");
  if (pid < 0) checked(pid, "fork", "start a process");
  // The message has arrived, but there was no number left for the descriptor in it (recvmsg(2), MSG_CTRUNC).
  if (received[0]! < 0) throw systemError(-constants.errno.EMFILE, "recvmsg", "start a process");
  return { pid, pidfd: received[0]! };
}

function connect(address: ServerAddress): number | undefined {
  const connection = newSocket();
  if (native.connect(connection, socketAddress(address.name)) >= 0) return connection;
  native.close(connection);
  return undefined;
}

const O_NONBLOCK = 0o4000;

type Encoded = ReturnType<LaunchRequest["encode"]>;

/** One try with the server at `address`; undefined when it is gone. */
function launchThrough(address: ServerAddress, request: Encoded): Launched | undefined {
  const connection = connect(address);
  if (connection === undefined) return undefined;
  let kept = false;
  try {
    return withChannel(request.data, ({ life, data, nothing }) => {
      const output = [outputOr(1, nothing), outputOr(2, nothing)];
      const descriptors = Int32Array.from([life[1], data, ...output, ...request.descriptors]);
      const child = ask(connection, address.key, descriptors);
      if (!child) {
        native.close(life[0]);
        return undefined;
      }
      native.write(connection, new Uint8Array(1), 0, 1); // go
      native.setFlags(connection, O_NONBLOCK | 2);
      kept = true;
      return new ServedChild(child.pid, child.pidfd, connection, life[0]);
    });
  } finally {
    if (!kept) native.close(connection);
  }
}

/** Module hooks run on a thread of their own, which would not survive the fork: importing would never end. */
function hasModuleHooks(): boolean {
  const flags = [...process.execArgv, ...(process.env.NODE_OPTIONS ?? "").split(/\s+/)];
  return flags.some((flag) => /^--(import|loader|experimental[-_]loader)(=|$)/.test(flag));
}

/** A server that did not answer is no use to anybody; what it forked goes on. */
function reapServer(): void {
  if (started?.by !== process.pid) return;
  disown(started.pid);
  native.close(started.life);
  lifelines.delete(started.life);
  started = undefined;
}

export function launchForkserver(request: LaunchRequest): Launched {
  if (hasModuleHooks()) return launchSpawn(request);
  const encoded = request.encode();
  for (let tries = 0; tries < 3; tries++) {
    server ??= startServer();
    const launched = launchThrough(server, encoded);
    if (launched) return launched;
    server = undefined; // killed, or ended with the process that had started it
    reapServer();
  }
  throw new ProcessError(
    "ERR_FORKSERVER",
    "cannot start a process: the fork server ended again and again before it answered",
  );
}
