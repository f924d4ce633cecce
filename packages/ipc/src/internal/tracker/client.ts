/**
 * Our side of the resource tracker: a helper process that removes the named segments of a tree of processes when all of
 * them are gone, whatever ended them. It learns of each one's end by the end of its connection.
 *
 * Messages are lines of JSON, [operation, name], because a name may hold anything but a slash and a NUL:
 *   "+" the name is to be removed one day    "-" no longer    "stop" do not wait for the root of the tree to end
 */
import { isMainThread } from "node:worker_threads";
import { IpcError } from "../../errors.js";
import { afterFork } from "../after-fork.js";
import { BROKEN_PIPE, checked, RESET } from "../checked.js";
import { native } from "../native.js";
import { ownRoot, type Root } from "./root.js";
import { newSocket, sameUser, socketAddress } from "./socket.js";
import { startTracker } from "./start.js";

const MOST_RIVALS = 8;
const MOST_TRIES = 1000;
type Operation = "+" | "-" | "stop";

let connection: number | undefined;
let startedPid: number | undefined;
const names = new Set<string>();
// The child has our connection too (the tracker sees its end when both are gone), but not our child processes.
afterFork(() => {
  startedPid = undefined;
});

function pause(): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
}

/** A connection to the tree's tracker; "none" if there is no tracker, "rival" if somebody else has its address. */
function tryConnect(address: Uint8Array): number | "none" | "rival" {
  const fd = newSocket();
  if (native.connect(fd, address) < 0) {
    native.close(fd);
    return "none";
  }
  if (sameUser(fd)) return fd;
  native.close(fd);
  return "rival";
}

/** Starts the tracker; undefined if another process of the tree has just done so. */
function tryStart(root: Root, address: Uint8Array): number | undefined {
  const listener = newSocket();
  try {
    if (native.bind(listener, address) < 0) return undefined;
    const { fd, pid } = startTracker(root, listener);
    startedPid = pid;
    return fd;
  } finally {
    native.close(listener);
  }
}

function connectOrStart(root: Root): number {
  let rival = 0;
  for (let tries = 0; tries < MOST_TRIES && rival < MOST_RIVALS; tries++) {
    const address = socketAddress(root, rival);
    const found = tryConnect(address);
    if (typeof found === "number") return found;
    if (found === "rival") rival++;
    else {
      const fd = tryStart(root, address);
      if (fd !== undefined) return fd;
      pause(); // bound by another process, which has yet to listen
    }
  }
  throw new IpcError("ERR_TRACKER", "cannot start the resource tracker: its socket's name is taken by another user");
}

/** Microseconds of the monotonic clock, which all processes share. */
function now(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e6 + nanoseconds / 1e3;
}

function line(operation: Operation, name?: string): Buffer {
  return Buffer.from(`${JSON.stringify([operation, name, now()])}\n`);
}

function write(fd: number, message: Buffer): boolean {
  let sent = 0;
  while (sent < message.length) {
    const result = native.write(fd, message, sent, message.length - sent);
    if (result === BROKEN_PIPE || result === RESET) return false;
    sent += checked<number>(result, "write", "tell the resource tracker");
  }
  return true;
}

/** Removes the entry of an ended tracker from the process table. */
function reap(): void {
  if (startedPid !== undefined) native.waitpid(startedPid, 0, new Int32Array(1));
  startedPid = undefined;
}

function disconnect(): void {
  // In a worker the descriptor is closed with its environment, once.
  if (connection !== undefined && isMainThread) native.close(connection);
  connection = undefined;
}

/** Connects, starting the tracker if there is none; tells it of everything that this thread has registered. */
function connected(): number {
  if (connection !== undefined) return connection;
  connection = connectOrStart(ownRoot());
  if (!isMainThread) native.closeAtEnd(connection);
  for (const name of names) write(connection, line("+", name));
  return connection;
}

/** Tells the tracker; one that was killed is started anew. */
function tell(operation: Operation, name?: string): void {
  const message = line(operation, name);
  if (write(connected(), message)) return;
  disconnect();
  reap();
  if (!write(connected(), message))
    throw new IpcError("ERR_TRACKER", "cannot tell the resource tracker: it ends at once");
}

/** From now on the segment is removed, with a warning, when the tree of processes has ended. */
export function track(name: string): void {
  tell("+", name);
  names.add(name);
}

/** Takes {@link track} back, for the tree that tracks the name: our own, or the one that sent it to us. */
export function untrack(name: string, root: Root): void {
  const own = ownRoot();
  names.delete(name);
  if (root.pid === own.pid && root.start === own.start) tell("-", name);
  else untrackElsewhere(name, root);
}

function untrackElsewhere(name: string, root: Root): void {
  for (let rival = 0; rival < MOST_RIVALS; rival++) {
    const fd = tryConnect(socketAddress(root, rival));
    if (fd === "none") return;
    if (fd === "rival") continue;
    write(fd, line("-", name));
    native.close(fd);
    return;
  }
}

/** The tracker that this process started, if it did. */
export function trackerPid(): number | undefined {
  return startedPid;
}

/**
 * Leaves the tracker. If this process started it, also waits for its end, which comes when its other clients have left.
 * @returns its exit code: 0 if nothing was left over, else 1; undefined if this process did not start it
 */
export function stopTracker(): number | undefined {
  if (startedPid !== undefined) tell("stop");
  disconnect();
  names.clear();
  if (startedPid === undefined) return undefined;
  const status = new Int32Array(1);
  checked(native.waitpid(startedPid, 1, status), "waitpid", "stop the resource tracker");
  startedPid = undefined;
  return status[0];
}
