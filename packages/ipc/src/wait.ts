/** Waiting for several connections, descriptors or sockets at once. */
import type { Socket } from "node:net";
import type { Connection } from "./connection.js";
import { IpcError, invalidType, outOfRange } from "./errors.js";
import { blockingCalls } from "./internal/blocking-calls.js";
import { BAD_DESCRIPTOR, systemError } from "./internal/checked.js";
import { signalOf } from "./internal/options.js";
import { Pending } from "./internal/pending.js";
import { pollTriples } from "./internal/readiness.js";
import { POLLIN, POLLNVAL } from "./internal/sys/constants.js";
import { sourceOf, type Waitable, type WaitSource } from "./internal/wait-source.js";

export type { Waitable };
/** What {@link wait} takes: connections, listeners, sentinels, descriptors, sockets of node:net. */
export type WaitObject = Connection | Waitable | Socket | number;

const DOING = "wait for objects";

/**
 * Resolves with those objects that are ready to be received from, the end included, in the order given. Takes nothing.
 * With nothing to wait for, or when `timeout` milliseconds have passed first, the result is empty.
 * @param timeout milliseconds; absent or `Infinity` waits without end, 0 or less looks once
 * @throws {TypeError} ERR_INVALID_ARG_TYPE for an object that cannot be waited for
 * @throws {IpcError} ERR_CLOSED, also when one is closed meanwhile; ERR_DUPLICATE when two are the same descriptor
 * @throws {SystemError} EBADF for a descriptor that is not open
 *
 * @example
 * while (readers.size > 0)
 *   for (const reader of await wait(readers)) console.log(await reader.recv());
 *
 * Blocks: the caller only. Differs from Python: the order is that of the arguments, and no objects mean no waiting.
 * Source: CPython multiprocessing.connection.wait; poll(2).
 */
export async function wait<T extends WaitObject>(
  objects: Iterable<T>,
  timeout?: number,
  options?: { signal?: AbortSignal },
): Promise<T[]> {
  const limit = limitOf(timeout);
  const signal = signalOf(options?.signal, DOING);
  const sources = sourcesOf(objects, false);
  signal?.throwIfAborted();
  const now = readyOf(sources, 0);
  if (now.length > 0 || limit <= 0 || sources.length === 0) return now as T[];
  return (await untilReady(sources, limit, signal)) as T[];
}

/**
 * As {@link wait}, but blocks the thread. A socket of node:net is ready when Node has read from it or the kernel
 * has something for it; what the kernel has, `socket.read()` gives only after a turn of the event loop.
 *
 * Blocks: the thread.
 */
export function waitSync<T extends WaitObject>(objects: Iterable<T>, timeout?: number): T[] {
  return calls.waitSync(objects, timeout) as T[];
}

const calls = {
  wait,
  waitSync(objects: Iterable<WaitObject>, timeout: number | undefined): WaitObject[] {
    const limit = limitOf(timeout);
    const sources = sourcesOf(objects, true);
    return sources.length === 0 ? [] : (readyOf(sources, Math.max(limit, 0)) as WaitObject[]);
  },
};
blockingCalls("", calls, { waitSync: ["wait", 2] });

function limitOf(timeout: number | undefined): number {
  if (timeout === undefined) return Number.POSITIVE_INFINITY;
  if (typeof timeout !== "number") throw invalidType(DOING, "timeout must be a number of milliseconds", timeout);
  if (Number.isNaN(timeout)) throw outOfRange(DOING, "timeout must be a number of milliseconds", timeout);
  return timeout;
}

function sourcesOf(objects: Iterable<WaitObject>, blocking: boolean): WaitSource[] {
  if (typeof objects?.[Symbol.iterator] !== "function") throw invalidType(DOING, "expected an iterable", objects);
  const sources = Array.from(objects, (object) => sourceOf(object, blocking));
  const seen = new Set<number>();
  for (const { fd, object } of sources) {
    if (fd < 0) continue;
    if (seen.has(fd)) throw duplicate(object);
    seen.add(fd);
  }
  return sources;
}

function duplicate(object: unknown): IpcError {
  return new IpcError(
    "ERR_DUPLICATE",
    `cannot ${DOING}: two of them are the same descriptor, received ${String(object)}`,
  );
}

/** Those that are ready within `timeout` milliseconds; blocks the thread for that long. */
function readyOf(sources: readonly WaitSource[], timeout: number): unknown[] {
  const buffered = sources.map((source) => source.buffered());
  const triples = new Int32Array(sources.length * 3);
  for (const [i, { fd }] of sources.entries()) triples.set([fd, POLLIN], 3 * i);
  pollTriples(triples, buffered.includes(true) ? 0 : timeout);
  const found = (i: number): number => triples[3 * i + 2]!;
  for (const i of sources.keys()) if (found(i) & POLLNVAL) throw systemError(BAD_DESCRIPTOR, "poll", DOING);
  return sources.filter((_, i) => buffered[i] || found(i) !== 0).map((source) => source.object);
}

function untilReady(
  sources: readonly WaitSource[],
  timeout: number,
  signal: AbortSignal | undefined,
): Promise<unknown[]> {
  return new Promise((resolve, reject) => {
    const stops: Array<() => void> = [];
    const end = (): boolean => {
      for (const stop of stops.splice(0)) stop();
      return true;
    };
    const pending = new Pending<unknown[]>(resolve, reject, signal, timeout, DOING, end, []);
    const guarded = (look: () => void): void => {
      try {
        look();
      } catch (error) {
        end();
        pending.fail(error);
      }
    };
    const onNews = (): void =>
      guarded(() => {
        const ready = readyOf(sources, 0);
        if (ready.length === 0) return;
        end();
        pending.settle(ready);
      });
    guarded(() => {
      for (const source of sources) stops.push(source.subscribe(onNews));
    });
  });
}
