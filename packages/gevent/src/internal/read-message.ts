/** Reading what comes by HTTP. */
import type { IncomingMessage } from "node:http";
import { inTime } from "./time.js";
import { Waiter } from "./waiter.js";

const READING = "read what comes by HTTP";
const EVENTS = ["readable", "end", "error", "close"];

/**
 * At most `size` bytes, or what is left; empty at the end. Whoever is interrupted has taken nothing.
 * @throws {Error} ECONNRESET if the connection ends before the body does
 */
export function readMessage(message: IncomingMessage, size: number, signal?: AbortSignal): Buffer {
  const parts: Buffer[] = [];
  try {
    for (let left = size; left > 0; ) {
      const part = some(message, left, signal);
      if (part === undefined) break;
      parts.push(part);
      left -= part.length;
    }
  } catch (error) {
    if (parts.length > 0) message.unshift(Buffer.concat(parts));
    throw error;
  }
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
}

/** What is there, at most so many bytes; undefined at the end. */
function some(message: IncomingMessage, most: number, signal: AbortSignal | undefined): Buffer | undefined {
  for (;;) {
    const part = message.read(Math.min(most, message.readableLength) || undefined) as Buffer | null;
    if (part) return part;
    if (message.readableEnded) return undefined;
    if (message.errored) throw message.errored;
    if (message.destroyed) return undefined;
    untilNext(message, signal);
  }
}

function untilNext(message: IncomingMessage, signal: AbortSignal | undefined): void {
  const waiter = new Waiter<void>(READING);
  const tell = () => void waiter.end();
  for (const name of EVENTS) message.on(name, tell);
  try {
    inTime(waiter, { signal }, READING);
  } finally {
    for (const name of EVENTS) message.off(name, tell);
  }
}
