/**
 * What a worker does: takes tasks from its queue, one at a time, and puts their results into another. A result is in
 * shared memory before the next task is taken, so that who ends the worker ends one task.
 *
 * Functions that return at once are called in a loop without a promise between them.
 */
import { inspect } from "node:util";
import { type CodecError, TimeoutError } from "@cordage/ipc";
import {
  decode,
  EagerTurns,
  encodeBriefly,
  encodeQuickly,
  type FunctionReference,
  importReferences,
  type Message,
  openMessage,
  outbox,
  resolveReference,
  valueOf,
} from "@cordage/ipc/sys";
import { SystemExit } from "@cordage/process";
import { MaybeEncodingError } from "../errors.js";
import { abortTask, enterTask, leaveTask, throwIfUnwanted } from "../task-signal.js";
import {
  APPLY,
  DONE,
  FAILED,
  functionOf,
  HEADER,
  idOf,
  type Kind,
  kindOf,
  NOT_READY,
  packItems,
  READY,
  STARMAP,
  startOf,
  writeResult,
} from "./frames.js";
import { whileImporting } from "./importing.js";
import { ABORT, BELL, Link, type LinkEnd, TIME_OUT } from "./link.js";
import type { Parcels } from "./parcels.js";

/** Between two turns of the event loop: so many tasks, or so many milliseconds. */
const MOST_IN_A_ROW = 1024;
const LONGEST_ROW = 10;

const WITH_FUNCTIONS = { functions: true };
const RESULT = { reserve: HEADER };

interface TaskHeader {
  readonly id: number;
  readonly fn: number;
  readonly kind: Kind;
  readonly start: number;
}

type Callable = (...args: unknown[]) => unknown;

export class Servant {
  private readonly link: Link;
  private readonly functions = new Map<number, Callable>();
  private readonly eager = new EagerTurns();
  /** The task that waits for something. */
  private current: number | undefined;
  /** When the task began that runs, or the last one ended. */
  private began = 0;
  /** When the event loop must turn again. */
  private rowEnd = 0;

  constructor(end: LinkEnd) {
    this.link = new Link(end, false);
  }

  start(): void {
    this.put(0, READY, undefined);
    this.link.listen(this.onNews);
    this.turn();
  }

  notReady(error: unknown): void {
    this.put(0, NOT_READY, error);
  }

  private readonly onNews = (): void => {
    if (!this.link.hear(this.onMessage)) process.exit(); // nobody is left to serve
  };

  private readonly onMessage = (kind: number, number: number): void => {
    if (kind === BELL) this.turn();
    else if (this.current === number && kind === ABORT)
      abortTask(new DOMException("the task was aborted", "AbortError"));
    else if (this.current === number && kind === TIME_OUT)
      abortTask(new TimeoutError("the task took longer than its timeout"));
  };

  private readonly turn = (): void => {
    if (this.current !== undefined) return;
    this.eager.stop();
    this.began = performance.now();
    this.rowEnd = this.began + LONGEST_ROW;
    this.work();
  };

  private work(): void {
    const { incoming } = this.link;
    for (let i = 0; i < MOST_IN_A_ROW && this.began < this.rowEnd; i++) {
      const length = incoming.take();
      if (length < 0) {
        this.rest();
        return;
      }
      if (!this.run(incoming.taken(), length)) return;
    }
    setImmediate(this.turn);
  }

  private rest(): void {
    this.eager.start(this.look, this.sleep);
  }

  private readonly look = (): boolean => {
    if (this.link.incoming.size === 0) return false;
    this.turn();
    return true;
  };

  private readonly sleep = (): void => {
    if (!this.link.announceSleep()) this.turn();
  };

  /** Runs one task; false if it waits for something. */
  private run(frame: Buffer, length: number): boolean {
    const task = { id: idOf(frame), fn: functionOf(frame), kind: kindOf(frame), start: startOf(frame) };
    const fn = this.functions.get(task.fn);
    enterTask();
    try {
      const message = openMessage(frame, length, task.start);
      const waiting = fn ? importReferences(message) : this.import(task, frame, message);
      if (waiting)
        return this.await(
          task,
          waiting.then(() => {
            throwIfUnwanted();
            return this.call(this.functions.get(task.fn)!, task, message);
          }),
        );
      const result = this.call(fn!, task, message);
      if (isThenable(result)) return this.await(task, result);
      this.finish(task, DONE, result);
    } catch (error) {
      if (error instanceof SystemExit) return this.exit(error);
      this.finish(task, FAILED, error);
    }
    return true;
  }

  private import(task: TaskHeader, frame: Buffer, message: Message): Promise<unknown> {
    // Copied: the frame may lie where the next one will.
    const reference = decode(Buffer.from(frame.subarray(HEADER, task.start))) as FunctionReference;
    return whileImporting(() => resolveReference(reference)).then((fn) => {
      this.functions.set(task.fn, fn as Callable);
      return importReferences(message);
    });
  }

  private call(fn: Callable, task: TaskHeader, message: Message): unknown {
    const value = valueOf(message, this.link.parcels, WITH_FUNCTIONS);
    if (task.kind === APPLY) return fn(...(value as unknown[]));
    return mapped(fn, value as ArrayLike<unknown>, task.kind === STARMAP);
  }

  private await(task: TaskHeader, result: PromiseLike<unknown>): false {
    this.current = task.id;
    result.then(
      (value) => this.resume(task, DONE, value),
      (error) => (error instanceof SystemExit ? this.exit(error) : this.resume(task, FAILED, error)),
    );
    return false;
  }

  private resume(task: TaskHeader, status: number, value: unknown): void {
    this.current = undefined;
    this.finish(task, status, value);
    this.work();
  }

  /** Lets it end the process as it does in any child; nothing more is run meanwhile. */
  private exit(error: SystemExit): false {
    this.current = -1;
    setImmediate(() => {
      throw error;
    });
    return false;
  }

  private finish(task: TaskHeader, status: number, value: unknown): void {
    leaveTask();
    this.put(task.id, status, value);
  }

  private put(id: number, status: number, value: unknown): void {
    const { outgoing, parcels } = this.link;
    const length = value === undefined ? HEADER : encodeQuickly(value, HEADER);
    const now = performance.now();
    if (length >= 0) {
      writeResult(outbox, id, status, now - this.began);
      outgoing.put(outbox, length);
    } else {
      const [bytes, outcome] = encoded(value, status, parcels);
      parcels.takePacked();
      writeResult(bytes, id, outcome, now - this.began);
      outgoing.put(bytes);
    }
    this.began = now;
    this.link.wake();
  }
}

function encoded(value: unknown, status: number, parcels: Parcels): [Buffer, number] {
  try {
    return [encodeBriefly(value, parcels, RESULT), status];
  } catch (cause) {
    parcels.unpack();
    const what = status === DONE ? "the task's result" : "what the task threw";
    const reason = (cause as CodecError).message.replace(/^cannot encode /, "");
    const shown = inspect(value, { depth: 2, maxStringLength: 200, maxArrayLength: 10 });
    const error = new MaybeEncodingError(`cannot send ${what}: ${reason}`, shown);
    return [encodeBriefly(error, undefined, RESULT), status === NOT_READY ? NOT_READY : FAILED];
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | undefined)?.then === "function";
}

/** The results of each item, packed; where one is a promise, a promise of them. One at a time. */
function mapped(fn: Callable, items: ArrayLike<unknown>, spread: boolean): ArrayLike<unknown> | Promise<unknown> {
  if (items instanceof Float64Array) return mappedNumbers(fn, items);
  return mappedFrom(0, new Array(items.length), fn, items, spread);
}

/** Of numbers most functions make numbers. */
function mappedNumbers(fn: Callable, items: Float64Array): ArrayLike<unknown> | Promise<unknown> {
  const results = new Float64Array(items.length);
  for (let i = 0; i < items.length; i++) {
    const result = fn(items[i]);
    if (typeof result === "number") results[i] = result;
    else return mappedFrom(i, Array.from(results), fn, items, false, [result]);
  }
  return results;
}

/** From item `start` on, whose result may be there already. */
function mappedFrom(
  start: number,
  results: unknown[],
  fn: Callable,
  items: ArrayLike<unknown>,
  spread: boolean,
  first?: [unknown],
): ArrayLike<unknown> | Promise<unknown> {
  for (let i = start; i < items.length; i++) {
    const result = first && i === start ? first[0] : called(fn, items[i], spread);
    if (isThenable(result)) return mappedLater(i, result, results, fn, items, spread);
    results[i] = result;
  }
  return packItems(results);
}

async function mappedLater(
  start: number,
  pending: PromiseLike<unknown>,
  results: unknown[],
  fn: Callable,
  items: ArrayLike<unknown>,
  spread: boolean,
): Promise<unknown> {
  results[start] = await pending;
  for (let i = start + 1; i < items.length; i++) results[i] = await called(fn, items[i], spread);
  return packItems(results);
}

function called(fn: Callable, item: unknown, spread: boolean): unknown {
  return spread ? fn(...(item as Iterable<unknown>)) : fn(item);
}
