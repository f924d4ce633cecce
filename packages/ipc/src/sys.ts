/**
 * The low level: what sibling packages and curious programs build on. Checked and typed; errors are SystemError
 * { errno, code: "EAGAIN", syscall }.
 */
import "./index.js"; // so that all entries share one file, see scripts/bundle.mjs

export { holdsMessage } from "./connection.js";
export {
  connectionFromDescriptor,
  receiveDescriptor,
  receiveDescriptorSync,
  sendDescriptor,
  sendDescriptorSync,
} from "./descriptor-passing.js";
export { invalidType, named, outOfRange } from "./errors.js";
export {
  checkFamily,
  domainOf,
  freshAddress,
  inetSockaddr,
  numericHost,
  type ParsedAddress,
  parseAddress,
  reportAddress,
  unfolded,
  unixSockaddr,
} from "./internal/address.js";
export { afterFork, beforeFork, prepareFork, renewAfterFork } from "./internal/after-fork.js";
export { exchange, keyOf, LONGEST_PROOF } from "./internal/authentication.js";
export { type BlockingCall, blockingCalls, eachBlockingCall } from "./internal/blocking-calls.js";
export { type Bytes, bytesOf, sliceOf } from "./internal/bytes.js";
export {
  AGAIN,
  BAD_DESCRIPTOR,
  checked,
  IN_PROGRESS,
  INTERRUPTED,
  NO_PROCESS,
  NOT_PERMITTED,
  systemError,
} from "./internal/checked.js";
export {
  type DecodeOptions,
  decode,
  type EncodeOptions,
  encode,
  encodeBriefly,
  encodeQuickly,
  importReferences,
  kept,
  type Message,
  openMessage,
  outbox,
  resolveReferences,
  valueOf,
} from "./internal/codec/index.js";
export { type BlockHandle, Depot } from "./internal/depot.js";
export { closedError, Descriptor, type StreamKind } from "./internal/descriptor.js";
export { OutgoingDescriptors } from "./internal/descriptor-transfer.js";
export { EagerTurns } from "./internal/eager-turns.js";
export { errorFrom } from "./internal/error-from.js";
export { Fifo } from "./internal/fifo.js";
export { type CreateConnectionOptions, firstConnected } from "./internal/first-connected.js";
export {
  forkserverModules,
  preloadInForkserver,
  whileForkserverStarts,
  workWhileForkserverStarts,
} from "./internal/forkserver-hooks.js";
export { learnFunctionLocations } from "./internal/function-location.js";
export { type FunctionReference, referenceOf, resolveReference } from "./internal/function-reference.js";
export { importGuard } from "./internal/import-guard.js";
export { whenLoopIsEmpty } from "./internal/loop-empty.js";
export { endWhenLoopIsEmpty, workerPreload } from "./internal/loop-end.js";
export { onMainThread } from "./internal/main-thread.js";
export { type NativeHandle, native } from "./internal/native.js";
export { inheritedFlags } from "./internal/node-flags.js";
export { NUMBER_KINDS } from "./internal/number-kinds.js";
export { integerOf, signalOf, timeoutOf } from "./internal/options.js";
export { Pending, timedOut } from "./internal/pending.js";
export { setProcessName } from "./internal/process-name.js";
export { ByteQueue } from "./internal/queue/byte-queue.js";
export { pollDescriptor, pollTriples, throughSignals } from "./internal/readiness.js";
export { withRemoteStack } from "./internal/remote-stack.js";
export { registerShared, type SharedType, type Transfer } from "./internal/shared-type.js";
export { Signal } from "./internal/signal.js";
export {
  AF_UNIX,
  DISCONNECT,
  F_GETFD,
  F_GETFL,
  F_GETOWN,
  F_GETPIPE_SZ,
  F_GETSIG,
  F_SETFD,
  F_SETFL,
  F_SETOWN,
  F_SETPIPE_SZ,
  F_SETSIG,
  O_ASYNC,
  O_NONBLOCK,
  O_RDWR,
  READABLE,
  SHUT_RD,
  SOCK_STREAM,
  WRITABLE,
} from "./internal/sys/constants.js";
export {
  available,
  close,
  dup,
  fcntl,
  getFlags,
  type PollEntry,
  pipe,
  poll,
  read,
  receiveDescriptors,
  type Slice,
  sendDescriptors,
  setFlags,
  write,
} from "./internal/sys/descriptors.js";
export { futexWait, futexWake, map, memfd, unmap } from "./internal/sys/memory.js";
export {
  fork,
  gettid,
  pidfdOpen,
  pidfdSignal,
  type SpawnOptions,
  spawn,
  taskStart,
  waitpid,
} from "./internal/sys/processes.js";
export {
  accept,
  bind,
  connect,
  listen,
  lookup,
  peerName,
  shutdown,
  socket,
  socketName,
  socketPair,
} from "./internal/sys/sockets.js";
export { IoUring } from "./internal/sys/uring.js";
export { Watch } from "./internal/sys/watch.js";
export { stopTracker, trackerPid } from "./internal/tracker/client.js";
export { trackerEnvironment } from "./internal/tracker/root.js";
export { retryPendingWaits, watchPendingWaits } from "./internal/waiting.js";
