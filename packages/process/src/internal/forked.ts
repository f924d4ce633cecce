/** What a forked child renews before it is a child like any other. */
import { randomBytes, randomInt, randomUUID } from "node:crypto";
import { endWhenLoopIsEmpty, native, renewAfterFork } from "@cordage/ipc/sys";
import { forgetChildren } from "./at-exit.js";
import { lifelines } from "./launched.js";

/** The numbers that Node keeps in stock, made before the fork: every child would draw the same. */
const STOCKED_UUIDS = 128;
const STOCKED_INTS = 1024;

function drainStocks(): void {
  for (let i = 0; i < STOCKED_UUIDS; i++) randomUUID();
  for (let i = 0; i < STOCKED_INTS; i++) randomInt(2);
}

/** Other numbers than the parent's and the siblings': Math.random's state was copied by the fork. */
export function renewRandomness(): void {
  Math.random = sfc32(Int32Array.from({ length: 4 }, () => randomBytes(4).readInt32LE()));
}

/** A small fast generator in 32-bit arithmetic. Source: Doty-Humphrey, PractRand, "sfc32". */
function sfc32([a = 0, b = 0, c = 0, counter = 0]: Int32Array): () => number {
  const next = (): number => {
    const t = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + t) | 0;
    return t >>> 0;
  };
  return () => ((next() >>> 5) * 2 ** 26 + (next() >>> 6)) / 2 ** 53;
}

/** The normal exit would join threads that did not survive the fork: leave without it, after `exit` handlers. */
function leaveDirectly(): void {
  (process as unknown as { reallyExit: (code: number) => void }).reallyExit = (code) => native.exitNow(code ?? 0);
  const exit = process.exit;
  endWhenLoopIsEmpty(() => exit.call(process));
}

/**
 * Makes this process, just forked, one of its own.
 * @param fresh nothing but this package has run in the process that forked
 */
export function renewProcess(fresh: boolean): void {
  Object.defineProperty(process, "pid", { value: native.gettid(), configurable: true, enumerable: true });
  for (const fd of lifelines) native.close(fd);
  lifelines.clear();
  forgetChildren();
  renewAfterFork();
  if (!fresh) drainStocks();
  renewRandomness();
  leaveDirectly();
}
