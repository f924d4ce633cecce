/** What stands for a shared object in any process. */
import { inspect } from "node:util";
import { signalOf } from "@cordage/ipc/sys";
import type { Reference } from "./internal/reference.js";
import { synchronous } from "./internal/synchronous.js";

export interface CallOptions {
  /** Cancels the call: the promise rejects with `signal.reason`. What cannot be cancelled any more takes its course. */
  signal?: AbortSignal | undefined;
}

/** The value of a promise. */
type Settled<T> = T extends PromiseLike<infer V> ? V : T;

/** Says which items of its referent a class of proxies shows as properties of `sync`. A type only. */
export declare const items: unique symbol;
type ItemsOf<P> = P extends { readonly [items]?: infer I } ? NonNullable<I> : unknown;

/** The same calls, blocking: each returns its result; and the items of the referent as properties. */
export type Blocking<P> = {
  readonly [K in keyof P as K extends string ? (K extends "sync" ? never : K) : never]: P[K] extends (
    ...args: infer A
  ) => infer R
    ? (...args: A) => Settled<R>
    : P[K];
} & ItemsOf<P>;

const references = new WeakMap<object, Reference>();

/** What a proxy refers to; undefined of anything else. Not exported from the package. */
export function referenceIn(value: unknown): Reference | undefined {
  return typeof value === "object" && value !== null ? references.get(value) : undefined;
}

/**
 * The base of all proxies. A proxy may be passed to other processes in every way in which values travel, and put into
 * other shared objects: it stays a reference to one and the same object, which lives as long as any proxy does.
 *
 * Differs from Python: methods return promises, `sync` has the ones that block; it is printed without asking the server:
 * print `await proxy.getValue()` to see the object.
 */
export abstract class BaseProxy {
  #sync: object | undefined;

  /** @internal Proxies are made by managers. */
  constructor(reference: unknown) {
    references.set(this, reference as Reference);
  }

  /**
   * The same object for code that blocks: every method returns its result, not a promise, and the thread waits for it.
   *
   * Blocks: the thread.
   */
  get sync(): Blocking<this> {
    this.#sync ??= synchronous(this, references.get(this)!);
    return this.#sync as Blocking<this>;
  }

  /** Calls a method of the referent. @throws what the method throws */
  protected call<T = unknown>(method: string, args: unknown[] = [], options?: CallOptions): Promise<T> {
    return references.get(this)!.call(method, args, signalOf(options?.signal, `call ${method}`)) as Promise<T>;
  }

  /**
   * A copy of the object as it is now: plain data, in which other shared objects stay proxies.
   * @throws {CodecError} ERR_NOT_SERIALIZABLE when it cannot travel
   */
  getValue(): Promise<unknown> {
    return references.get(this)!.call("getValue", []); // a proxy may have a `call` of its referent
  }

  toString(): string {
    const { typeid, ident } = references.get(this)!;
    return `<${this.constructor.name} of ${typeid} ${ident}>`;
  }

  [inspect.custom](): string {
    return this.toString();
  }
}
