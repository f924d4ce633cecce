/** Starts a tree's tracker. Nobody waits for it to boot: what it is told meanwhile lies in its socket. */
import { closeSync, openSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { checked } from "../checked.js";
import { native } from "../native.js";
import { fsCall } from "../shm/file.js";
import type { Root } from "./root.js";
import { newPair } from "./socket.js";

const PROGRAM = fileURLToPath(new URL("./tracker-main.js", import.meta.url));
const MOST_WAITING = 128;
/** Meant for our process, not for a helper. */
const NOT_INHERITED = new Set(["NODE_OPTIONS", "NODE_V8_COVERAGE", "NODE_CHANNEL_FD"]);

function environment(): string[] {
  return Object.entries(process.env).flatMap(([key, value]) => (NOT_INHERITED.has(key) ? [] : [`${key}=${value}`]));
}

function run(root: Root, connection: number, listener: number): number {
  const nothing = fsCall("open", "start the resource tracker", () => openSync("/dev/null", "r+"));
  const stderr = native.getFlags(2) < 0 ? nothing : 2;
  const argv = [process.execPath, PROGRAM, String(root.pid), String(root.start)];
  const descriptors = Int32Array.of(nothing, nothing, stderr, connection, listener);
  const pid = native.spawn(process.execPath, argv, environment(), "/", descriptors, 1);
  closeSync(nothing);
  return checked<number>(pid, "posix_spawn", "start the resource tracker");
}

export interface Started {
  readonly fd: number;
  readonly pid: number;
}

/** @param listener a socket bound to the tree's address; the caller closes it. Returns our connection and who serves it. */
export function startTracker(root: Root, listener: number): Started {
  checked(native.listen(listener, MOST_WAITING), "listen", "start the resource tracker");
  const [ours, its] = newPair();
  try {
    return { fd: ours!, pid: run(root, its!, listener) };
  } catch (error) {
    native.close(ours!);
    throw error;
  } finally {
    native.close(its!);
  }
}
