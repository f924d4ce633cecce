/**
 * The start method `forkserver`: a server process that has imported what was asked, and forks for every start. Here is its
 * client; forkserver-protocol.ts says what the two say.
 *
 * A program whose modules go through a loader (--import, --loader) gets a new node for each start instead.
 *
 * The server lives as long as the process that started it. Its children, and theirs, use the same server.
 * Source: CPython multiprocessing/forkserver.py.
 */
import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import { AuthenticationError } from "@cordage/ipc";
import {
  AF_UNIX,
  AGAIN,
  checked,
  encode,
  forkserverModules,
  inheritedFlags,
  native,
  O_NONBLOCK,
  O_RDWR,
  pollDescriptor,
  READABLE,
  SHUT_RD,
  SOCK_STREAM,
  systemError,
  workerPreload,
  workWhileForkserverStarts,
} from "@cordage/ipc/sys";
import { ProcessError } from "../errors.js";
import { currentDirectory } from "./current-directory.js";
import { FORKABLE } from "./forkable.js";
import { hand, hear, KEY_BYTES, Kind, NO_DESCRIPTORS_LEFT } from "./forkserver-protocol.js";
import { disown, type Launched, type LaunchRequest, lifelines, UNKNOWN_EXIT } from "./launched.js";
import { environment, launchSpawn, outputOr, withChannel } from "./spawn.js";

/** The server's descriptors beyond the usual three. */
export const SERVER_LIFE = 3;
export const SERVER_DATA = 4;
export const SERVER_LISTENER = 5;
/** How long a server may take to answer, in milliseconds, before it counts as dead. */
const PATIENCE = 60_000;

const BACKLOG = 128;
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
    const data = encode({ address, siblings: forkserverModules(), preload, argv: process.argv.slice(1) });
    withChannel(data, ({ life, data, nothing }) => {
      const descriptors = Int32Array.from([
        nothing,
        outputOr(1, nothing),
        outputOr(2, nothing),
        life[1],
        data,
        listener,
      ]);
      const argv = [
        process.execPath,
        ...FORKABLE,
        "--require",
        workerPreload,
        ...inheritedFlags(process.execArgv),
        serverMain,
      ];
      const pid = checked<number>(
        native.spawn(process.execPath, argv, environment(), currentDirectory() ?? "", descriptors),
        "posix_spawn",
        "start the fork server",
      );
      lifelines.add(life[0]);
      started = { pid, life: life[0], by: process.pid };
    });
  } finally {
    native.close(listener);
  }
  workWhileForkserverStarts();
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
    const message = hear(this.endDescriptor);
    if (message === AGAIN) return undefined;
    // From now on a sentinel, which is the same socket, is at its end, whenever the server closes its own side.
    native.shutdown(this.endDescriptor, SHUT_RD);
    return typeof message === "object" ? message.value : UNKNOWN_EXIT;
  }

  signal(number: number): void {
    native.pidfdSignal(this.pidfd, number);
  }

  close(): void {
    for (const fd of [this.pidfd, this.endDescriptor, this.life]) native.close(fd);
    lifelines.delete(this.life);
  }
}

/** A child that has said its pid; "gone" when the server is, "again" when the child died before it could. */
type Answer = { pid: number; pidfd: number } | "gone" | "again";

function ask(connection: number, key: Uint8Array, descriptors: Int32Array): Answer {
  if (!hand(connection, key, descriptors)) return "gone";
  const message = pollDescriptor(connection, READABLE, PATIENCE) ? hear(connection) : undefined;
  if (typeof message !== "object") return "gone";
  const { kind, value, descriptor } = message;
  if (kind === Kind.Ended) return "again";
  if (kind === Kind.Refused)
    throw new AuthenticationError("cannot start a process: the fork server does not know this key");
  if (kind === Kind.Failed) throw systemError(value, "fork", "start a process");
  if (descriptor < 0) throw systemError(NO_DESCRIPTORS_LEFT, "recvmsg", "start a process");
  return { pid: value, pidfd: descriptor };
}

function connect(address: ServerAddress): number | undefined {
  const connection = newSocket();
  if (native.connect(connection, socketAddress(address.name)) >= 0) return connection;
  native.close(connection);
  return undefined;
}

type Encoded = ReturnType<LaunchRequest["encode"]>;

/** One try with the server at `address`. */
function launchThrough(address: ServerAddress, request: Encoded): Launched | "gone" | "again" {
  const connection = connect(address);
  if (connection === undefined) return "gone";
  let kept = false;
  try {
    return withChannel(request.data, ({ life, data, nothing }) => {
      const output = [outputOr(1, nothing), outputOr(2, nothing)];
      const descriptors = Int32Array.from([life[1], data, ...output, ...request.descriptors]);
      const child = ask(connection, address.key, descriptors);
      if (typeof child === "string") {
        native.close(life[0]);
        return child;
      }
      native.write(connection, new Uint8Array(1), 0, 1); // go
      native.setFlags(connection, O_NONBLOCK | O_RDWR);
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
  // First the server, if there is none: it boots while this process finds the functions that the child will run.
  server ??= startServer();
  const encoded = request.encode();
  for (let tries = 0; tries < 3; tries++) {
    server ??= startServer();
    const launched = launchThrough(server, encoded);
    if (typeof launched === "object") return launched;
    if (launched === "again") continue;
    server = undefined; // killed, or ended with the process that had started it
    reapServer();
  }
  throw new ProcessError(
    "ERR_FORKSERVER",
    "cannot start a process: the fork server, or the child that it forked, ended again and again before it answered",
  );
}
