/**
 * A queue for the explorer: header, ring and log in one memory. The log's file is that memory behind the ring, and each
 * of its system calls is one step.
 */
import { Queue } from "@cordage/ipc";
import { QueueMemory } from "../../dist/testing.js";
import { asOneStep } from "./explorer.js";

// The header's words, see internal/queue/layout.ts.
const RING = 1;
export const MAXSIZE = 2;
export const STATE = 3;
export const PUT = 32;
const BACKED = 34;
const PUT_LANES = 48;
export const GOT = 64;
const GOT_LANES = 80;
export const DONE = 160;
/** Unused there: for what the test itself keeps. */
export const RECORDS = 256;
export const RING_BYTES = 64;
const LOG = 8192;
export const WORDS = (LOG + 4 * 4096) / 4;

/** Just before the counters and the positions wrap, and 16 bytes before the end of the ring. */
export const COUNT = -2;
const POSITION = -16;

export function queueIn<Q extends Queue<string> = Queue<string>>(
  memory: Int32Array,
  Class: new (maxsize: number, memory: any) => Q = Queue as never,
): Q {
  const queueMemory = new (QueueMemory as any)({ buffer: memory.buffer, fd: -1 });
  Object.assign(queueMemory.log, { append, fill });
  return new Class(0, queueMemory);
}

function append(payload: Uint8Array, at: number): number {
  asOneStep(({ buffer }) => Buffer.from(buffer).writeUInt32LE(payload.length, LOG + at));
  asOneStep(({ buffer }) => Buffer.from(buffer).set(payload, LOG + at + 4));
  return at + 4 + payload.length;
}

function fill(target: Uint8Array, at: number): void {
  target.set(asOneStep(({ buffer }) => Buffer.from(buffer.slice(LOG + at, LOG + at + target.length))));
}

/** @param backed how much of the ring has memory at first */
export function prepareQueue(memory: Int32Array, maxsize: number, backed = RING_BYTES): void {
  memory[RING] = RING_BYTES;
  memory[MAXSIZE] = maxsize;
  memory[BACKED] = backed;
  memory[PUT] = memory[GOT] = memory[DONE] = COUNT;
  for (const lanes of [PUT_LANES, GOT_LANES]) memory[lanes + (COUNT & 3) * 4] = POSITION;
}
