/** The main module of the fork server; the protocol stands in forkserver.ts. */
import "../index.js"; // so that all entries share one file, see scripts/bundle.mjs

import { timingSafeEqual } from "node:crypto";
import { AGAIN, checked, decode, encode, type NativeHandle, native, prepareFork } from "@cordage/ipc/sys";
import { reviveBody } from "./body.js";
import { takeEnvironment } from "./child.js";
import { renewRandomness, runForked } from "./forked.js";
import { KEY_BYTES, SERVER_DATA, SERVER_LIFE, SERVER_LISTENER, type ServerAddress, useServer } from "./forkserver.js";
import { disown } from "./launched.js";
import { packPreparation, unpackPreparation } from "./preparation.js";
import { readAll } from "./read-all.js";
import { self } from "./self.js";
import { SIGINT, SIGTERM } from "./signals.js";

const READABLE = 1;
const MOST_DESCRIPTORS = 250;
const O_NONBLOCK = 0o4000;
const [LIFE, DATA, STDOUT, STDERR, FIRST_PASSED] = [0, 1, 2, 3, 4];

/** Every watch of the server: a forked child closes them, they are none of its business. */
const watches = new Map<number, NativeHandle>();
/** Connections whose children run: their exit codes go there. */
const reporting = new Set<number>();

function watch(fd: number, onReady: () => void): void {
  const handle = checked<NativeHandle>(native.watchOpen(fd, onReady), "uv_poll_init");
  watches.set(fd, handle);
  checked(native.watchStart(handle, READABLE), "uv_poll_start");
}

function unwatch(fd: number): void {
  native.watchClose(watches.get(fd)!);
  watches.delete(fd);
}

function closeAll(fds: Iterable<number>): void {
  for (const fd of fds) native.close(fd);
}

function reply(connection: number, number: number, pidfd?: number): void {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32LE(number);
  // A client that is gone does not want to know.
  if (pidfd === undefined) native.write(connection, bytes, 0, 4);
  else native.sendDescriptors(connection, bytes, 0, 4, Int32Array.of(pidfd));
}

/** Reports the exit code when the child ends. */
function superviseChild(pid: number, pidfd: number, connection: number): void {
  watch(pidfd, () => {
    const status = new Int32Array(1);
    if (native.waitpid(pid, 0, status) === 0) return;
    unwatch(pidfd);
    reply(connection, status[0]!);
    reporting.delete(connection);
    closeAll([pidfd, connection]);
  });
}

function refuse(connection: number, errno: number): void {
  reply(connection, errno);
  reporting.delete(connection);
  native.close(connection);
}

function forkFor(connection: number, descriptors: number[]): void {
  prepareFork();
  const pid = native.fork();
  if (pid === 0) {
    becomeForked(connection, descriptors);
    return;
  }
  closeAll(descriptors);
  if (pid < 0) {
    refuse(connection, pid);
    return;
  }
  const pidfd = native.pidfdOpen(pid);
  if (pidfd < 0) {
    disown(pid);
    refuse(connection, pidfd);
    return;
  }
  reply(connection, pid, pidfd);
  superviseChild(pid, pidfd, connection);
}

/** The child's first steps: none of the server's descriptors and watches, its own standard output. */
function becomeForked(connection: number, descriptors: number[]): void {
  const others = [...watches.keys()];
  for (const fd of others) unwatch(fd);
  closeAll(others.filter((fd) => fd !== connection));
  closeAll([...reporting].filter((fd) => fd !== connection));
  native.dup2(descriptors[STDOUT]!, 1);
  native.dup2(descriptors[STDERR]!, 2);
  closeAll([descriptors[STDOUT]!, descriptors[STDERR]!]);
  const data = readAll(descriptors[DATA]!);
  void runForked(
    data,
    descriptors[LIFE]!,
    (index) => descriptors[FIRST_PASSED + index]!,
    () => awaitGo(connection),
    fresh,
  );
}

/** Without a "go" nobody knows of this child. */
function awaitGo(connection: number): void {
  native.setFlags(connection, 2);
  if (native.read(connection, new Uint8Array(1), 0, 1) !== 1) native.exitNow(0);
}

function serve(connection: number, key: Uint8Array): void {
  const request = Buffer.alloc(KEY_BYTES);
  const received = new Int32Array(MOST_DESCRIPTORS);
  const n = native.receiveDescriptors(connection, request, 0, KEY_BYTES, received);
  if (n === AGAIN) return;
  unwatch(connection);
  const descriptors = [...received].filter((fd) => fd >= 0);
  if (n === KEY_BYTES && timingSafeEqual(request, key) && descriptors.length >= FIRST_PASSED) {
    reporting.add(connection);
    forkFor(connection, descriptors);
    return;
  }
  closeAll(descriptors);
  reply(connection, 0);
  native.close(connection);
}

function acceptAll(key: Uint8Array): void {
  for (;;) {
    const connection = native.accept(SERVER_LISTENER, new Uint8Array(128), new Int32Array(1), 1);
    if (connection < 0) return;
    watch(connection, () => serve(connection, key));
  }
}

/** Nothing but this package runs in this process. */
let fresh = true;

/** Has done once what every child does first: code that is compiled before the fork need not be compiled after it. */
async function warmUp(): Promise<void> {
  const identity = {
    name: "",
    daemon: false,
    identity: [],
    parent: { pid: 0, name: "" },
    method: "forkserver" as const,
  };
  const reference = { url: import.meta.url, name: "warmUp" };
  const body = encode({ cls: undefined, state: {}, target: undefined, reference, args: [], kwargs: undefined });
  const rest = {
    authkey: new Uint8Array(KEY_BYTES),
    argv: process.argv,
    cwd: process.cwd(),
    env: { ...process.env },
    body,
  };
  const prepared = unpackPreparation(packPreparation({ ...identity, ...rest }));
  takeEnvironment(prepared.env!);
  renewRandomness();
  await reviveBody(prepared.body, () => -1);
}

export { warmUp };

async function main(): Promise<void> {
  native.signalAction(SIGINT, 1); // Ctrl-C is for the programs, not for their server
  native.signalAction(SIGTERM, 1);
  const { address, preload, argv } = decode(readAll(SERVER_DATA)) as {
    address: ServerAddress;
    preload: string[];
    argv: string[];
  };
  process.argv = [process.execPath, ...argv];
  self.importing = true; // what is preloaded may not start processes here
  fresh = preload.length === 0;
  for (const url of preload) await import(url).catch((error) => console.error(`cannot preload ${url}:`, error));
  self.importing = false;
  await warmUp();
  useServer(address);
  native.setFlags(SERVER_LISTENER, O_NONBLOCK | 2);
  watch(SERVER_LISTENER, () => acceptAll(address.key));
  watch(SERVER_LIFE, () => process.exit(0));
}

void main();
