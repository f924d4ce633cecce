/**
 * The one file that loads the native edge. Elsewhere than on Linux, or where it was never built, the module still
 * loads and each call throws ERR_UNSUPPORTED_PLATFORM or ERR_NATIVE_MISSING.
 *
 * Every call returns a number >= 0 (or a handle) or a negated errno; `checked` turns the latter into an error.
 */
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { IpcError } from "../errors.js";

declare const opaque: unique symbol;
/** A native object that JavaScript only hands back. */
export interface NativeHandle {
  readonly [opaque]: string;
}
export type OrErrno<T> = T | number;

export interface Native {
  memfdCreate(name: string): number;
  allocate(fd: number, offset: number, length: number): number;
  punch(fd: number, offset: number, length: number): number;
  map(fd: number, offset: number, length: number): OrErrno<ArrayBuffer>;
  detach(buffer: ArrayBuffer): number;
  blockOpen(fd: number, offset: number, length: number): OrErrno<NativeHandle>;
  blockLend(block: NativeHandle, start: number, length: number): OrErrno<ArrayBuffer>;
  futexWait(words: Int32Array, index: number, expected: number, milliseconds: number): number;
  futexWake(words: Int32Array, index: number, count: number): number;
  waiterOpen(onWake: (id: number) => void): OrErrno<NativeHandle>;
  waiterAdd(waiter: NativeHandle, words: Int32Array, index: number, expected: number): number;
  waiterCancel(waiter: NativeHandle, id: number): number;
  waiterMode(mode: 0 | 1): number;
  pipe(ends: Int32Array, nonblocking: 0 | 1): number;
  read(fd: number, buffer: Uint8Array, offset: number, length: number): number;
  write(fd: number, buffer: Uint8Array, offset: number, length: number): number;
  write2(
    fd: number,
    head: Uint8Array,
    headAt: number,
    headLength: number,
    body: Uint8Array,
    bodyAt: number,
    bodyLength: number,
  ): number;
  close(fd: number): number;
  dup(fd: number): number;
  dup2(from: number, to: number): number;
  getFlags(fd: number): number;
  setFlags(fd: number, flags: number): number;
  fcntl(fd: number, command: number, argument: number): number;
  setBlocking(fd: number, blocking: 0 | 1): number;
  available(fd: number): number;
  sendDescriptors(fd: number, buffer: Uint8Array, offset: number, length: number, descriptors: Int32Array): number;
  receiveDescriptors(fd: number, buffer: Uint8Array, offset: number, length: number, descriptors: Int32Array): number;
  socket(domain: number, type: number, protocol: number): number;
  socketpair(ends: Int32Array, type: number): number;
  bind(fd: number, address: Uint8Array): number;
  connect(fd: number, address: Uint8Array): number;
  listen(fd: number, backlog: number): number;
  accept(fd: number, address: Uint8Array, length: Int32Array, nonblocking: 0 | 1): number;
  socketName(fd: number, address: Uint8Array, length: Int32Array, peer: 0 | 1): number;
  getOption(fd: number, level: number, name: number, out: Uint8Array): number;
  setOption(fd: number, level: number, name: number, value: Uint8Array): number;
  shutdown(fd: number, how: number): number;
  receive(fd: number, buffer: Uint8Array, offset: number, length: number, flags: number): number;
  receiveFrom(
    fd: number,
    buffer: Uint8Array,
    offset: number,
    length: number,
    flags: number,
    address: Uint8Array,
    addressLength: Int32Array,
  ): number;
  send(fd: number, buffer: Uint8Array, offset: number, length: number, flags: number): number;
  sendTo(fd: number, buffer: Uint8Array, offset: number, length: number, flags: number, address: Uint8Array): number;
  /** Addresses, 128 bytes apart; with 0 of them `lengths[0]` is the EAI_* code. */
  lookup(host: string, family: number, addresses: Uint8Array, lengths: Int32Array): number;
  /** Triples of descriptor, wanted events, found events. */
  poll(triples: Int32Array, count: number, milliseconds: number): number;
  /** As poll, with 1 for reading and 4 for writing, for descriptors below 1024. */
  select(triples: Int32Array, count: number, milliseconds: number): number;
  epollCreate(): number;
  epollControl(epoll: number, operation: number, fd: number, events: number, tag: number): number;
  /** Triples of descriptor, found events, tag. */
  epollWait(epoll: number, triples: Int32Array, most: number, milliseconds: number): number;
  watchOpen(fd: number, onReady: (events: number) => void): OrErrno<NativeHandle>;
  watchStart(watch: NativeHandle, events: number): number;
  watchStop(watch: NativeHandle): number;
  watchRef(watch: NativeHandle, ref: 0 | 1): number;
  watchClose(watch: NativeHandle): number;
  uringOpen(reads: number): OrErrno<NativeHandle>;
  uringRead(ring: NativeHandle, fd: number, length: number): number;
  uringSubmit(ring: NativeHandle): number;
  uringTake(ring: NativeHandle, out: Int32Array): number;
  uringBytes(ring: NativeHandle, id: number): OrErrno<ArrayBuffer>;
  uringEventfd(ring: NativeHandle): number;
  uringClose(ring: NativeHandle): number;
  spawn(file: string, argv: string[], env: string[], cwd: string, descriptors: Int32Array, ownSession?: 0 | 1): number;
  waitpid(pid: number, block: 0 | 1, status: Int32Array): number;
  pidfdOpen(pid: number): number;
  pidfdSignal(pidfd: number, signal: number): number;
  gettid(): number;
  taskStart(tid: number): number;
  fork(held?: 0 | 1): number;
  releaseSignals(): number;
  exitNow(status: number): never;
  onLoopEmpty(callback: () => void): number;
  loopAlive(): number;
  endWith(fd: number): number;
  interruptEnds(): number;
  closeAtEnd(fd: number): number;
  keepAtEnd(fd: number): number;
  signalAction(signal: number, ignore: 0 | 1): number;
}

/** The bundle lies in dist/, one below the package. */
const packageRoot = fileURLToPath(new URL("..", import.meta.url));

/** Stands in for the native edge: the first call of any function says why it is not there. */
function missing(reason: IpcError): Native {
  return new Proxy({} as Native, {
    get(_, name) {
      return () => {
        throw new IpcError(reason.code, `cannot call ${String(name)}: ${reason.message}`, { cause: reason.cause });
      };
    },
  });
}

/** What was built here comes first: looking for a prebuilt binary takes five times as long as loading one. */
function find(): unknown {
  const require = createRequire(import.meta.url);
  try {
    return require(`${packageRoot}build/Release/cordage_ipc.node`);
  } catch {
    return require("node-gyp-build")(packageRoot);
  }
}

function load(): Native | IpcError {
  if (process.platform !== "linux") {
    return new IpcError(
      "ERR_UNSUPPORTED_PLATFORM",
      `locks, queues and connections need Linux, received ${process.platform}-${process.arch}; @cordage/manager and @cordage/coroutine work here`,
    );
  }
  try {
    return find() as Native;
  } catch (cause) {
    const how =
      "run `npm rebuild @cordage/ipc` with python3, make and a C compiler installed (with pnpm, approve its build first)";
    return new IpcError("ERR_NATIVE_MISSING", `the native edge of @cordage/ipc was not built; ${how}`, { cause });
  }
}

const loaded = load();

export const hasNative = !(loaded instanceof IpcError);
export const native: Native = loaded instanceof IpcError ? missing(loaded) : loaded;
