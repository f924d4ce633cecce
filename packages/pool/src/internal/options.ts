/** What users give, checked. */

import { integerOf, invalidType, outOfRange } from "@cordage/ipc/sys";
import { type Context, cpuCount, getContext } from "@cordage/process";
import type { CoreOptions } from "./core.js";

type Callable = (...args: any[]) => unknown;

/** How a pool is made. */
export interface PoolOptions<I extends Callable = Callable> {
  /** How many workers, at most; default: {@link cpuCount}. */
  processes?: number | undefined;
  /** How many there are at least; default: as many as `processes`. With fewer, the others come when all are busy. */
  minProcesses?: number | undefined;
  /** Milliseconds after which a worker above `minProcesses` that has nothing to do ends; default 10,000. */
  idle?: number | undefined;
  /** What each worker runs before its first task. */
  initializer?: I | URL | undefined;
  /** The arguments of the initializer: anything that a Process may be given, connections included. */
  initargs?: Readonly<Parameters<I>> | undefined;
  /** How many tasks a worker does before another takes its place; a chunk of a map counts as one. Default: no limit. */
  maxTasksPerChild?: number | undefined;
  /** How workers are started; default: by the default start method. */
  context?: Context | undefined;
  /** How many calls may wait for a worker. Beyond, `applyAsync` throws and `apply` waits. Default: no limit. */
  maxQueue?: number | undefined;
  /** Milliseconds for a task that was cancelled to end by itself, before its worker is killed; default 500. */
  grace?: number | undefined;
}

const MAKING = "make a pool";
const MANY = 2 ** 31 - 1;

function optional(value: unknown, what: string, least: number, instead: number): number {
  return value === undefined || value === null ? instead : integerOf(value, what, MAKING, least, MANY);
}

function durationOf(value: unknown, what: string, doing: string, instead: number): number {
  if (value === undefined || value === null) return instead;
  if (typeof value !== "number") throw invalidType(doing, `${what} must be a number of milliseconds`, value);
  if (!(value >= 0)) throw outOfRange(doing, `${what} must be a number of milliseconds from 0`, value);
  return value;
}

export function coreOptions(options: PoolOptions, forced?: Context): CoreOptions {
  if (typeof options !== "object" || options === null)
    throw invalidType(MAKING, "it takes one object like { processes: 4 }", options);
  const { initializer, initargs = [] } = options;
  if (initializer !== undefined && typeof initializer !== "function" && !((initializer as unknown) instanceof URL))
    throw invalidType(MAKING, "initializer must be a function or a URL with a fragment", initializer);
  if (!Array.isArray(initargs)) throw invalidType(MAKING, "initargs must be an array of arguments", initargs);
  const most = optional(options.processes, "processes", 1, cpuCount());
  const least = optional(options.minProcesses, "minProcesses", 0, most);
  if (least > most) throw outOfRange(MAKING, `minProcesses must not be more than processes (${most})`, least);
  return {
    context: forced ?? contextOf(options.context),
    most,
    least,
    idle: durationOf(options.idle, "idle", MAKING, 10_000),
    quota: optional(options.maxTasksPerChild, "maxTasksPerChild", 1, Number.POSITIVE_INFINITY),
    maxQueue: optional(options.maxQueue, "maxQueue", 1, Number.POSITIVE_INFINITY),
    grace: durationOf(options.grace, "grace", MAKING, 500),
    start: { initializer, initargs: [...initargs] },
  };
}

function contextOf(context: unknown): Context {
  if (context === undefined || context === null) return getContext();
  if (typeof (context as Context).Process === "function") return context as Context;
  throw invalidType(MAKING, 'context must come from getContext("spawn") or the like', context);
}

/** What a call to a pool is about, for messages. */
export function optionsOf<T extends object>(options: T | undefined, doing: string): T {
  if (options === undefined || options === null) return {} as T;
  if (typeof options !== "object") throw invalidType(doing, "options must be an object", options);
  return options;
}

export function argumentsOf(args: unknown, doing: string): unknown[] {
  if (args === undefined) return [];
  if (typeof args === "string" || typeof (args as Iterable<unknown> | null)?.[Symbol.iterator] !== "function")
    throw invalidType(doing, "args must be an array of arguments", args);
  return Array.isArray(args) ? args : Array.from(args as Iterable<unknown>);
}

export function callbackOf(callback: unknown, what: string, doing: string): void {
  if (callback !== undefined && callback !== null && typeof callback !== "function")
    throw invalidType(doing, `${what} must be a function`, callback);
}

export function limitOf(timeout: unknown, doing: string): number | undefined {
  const limit = durationOf(timeout, "timeout", doing, Number.POSITIVE_INFINITY);
  return limit === Number.POSITIVE_INFINITY ? undefined : limit;
}

export function retriesOf(retries: unknown, doing: string): number {
  return retries === undefined ? 0 : integerOf(retries, "retries", doing, 0, MANY);
}

export function chunksizeOf(chunksize: unknown, doing: string, instead: number): number {
  return chunksize === undefined || chunksize === null ? instead : integerOf(chunksize, "chunksize", doing, 1, MANY);
}

export function buffersizeOf(buffersize: unknown, doing: string): number {
  if (buffersize === undefined || buffersize === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
  return integerOf(buffersize, "buffersize", doing, 1, MANY);
}

export function itemsOf(items: unknown, doing: string): Iterable<unknown> | AsyncIterable<unknown> {
  const some = items as Partial<Iterable<unknown> & AsyncIterable<unknown>> | null | undefined;
  if (typeof some?.[Symbol.iterator] === "function" || typeof some?.[Symbol.asyncIterator] === "function")
    return Object(items) as Iterable<unknown>; // a text is iterable, and no object
  throw invalidType(doing, "it needs an iterable of items", items);
}
