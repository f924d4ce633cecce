/** Calls of a method by its name. */
import { invalidType, signalOf } from "@cordage/ipc/sys";
import type { Reference } from "./internal/reference.js";
import { type BaseProxy, type CallOptions, referenceIn } from "./proxy.js";

const DOING = "call a method";

function referenceOf(proxy: unknown, method: unknown, args: unknown): Reference {
  const reference = referenceIn(proxy);
  if (!reference) throw invalidType(DOING, "it needs a proxy of a manager", proxy);
  if (typeof method !== "string") throw invalidType(DOING, "method must be a name", method);
  if (!Array.isArray(args)) throw invalidType(DOING, "args must be an array", args);
  return reference;
}

/**
 * Calls an exposed method of the object that a proxy stands for, whatever it is called: a few names, such as `toString` and
 * `sync`, are the proxy's own.
 *
 * @throws what the method throws; {ManagerError} ERR_NOT_EXPOSED; {TypeError} ERR_INVALID_ARG_TYPE
 *
 * @example
 * const text = await callMethod<string>(proxy, "toString");
 *
 * Source: CPython multiprocessing/managers.py BaseProxy._callmethod.
 */
export async function callMethod<T = unknown>(
  proxy: BaseProxy,
  method: string,
  args: unknown[] = [],
  options?: CallOptions,
): Promise<T> {
  return referenceOf(proxy, method, args).call(method, args, signalOf(options?.signal, DOING)) as T;
}

/**
 * As {@link callMethod}, but blocks the thread.
 *
 * Blocks: the thread.
 */
export function callMethodSync<T = unknown>(proxy: BaseProxy, method: string, args: unknown[] = []): T {
  return referenceOf(proxy, method, args).callSync(method, args) as T;
}
