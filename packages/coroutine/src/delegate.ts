/** `yield from` for whatever can be iterated. */
import { invalidType } from "@cordage/ipc/sys";
import { CoroutineError, GeneratorExit } from "./errors.js";

/**
 * `yield* delegate(iterable)` is Python's `yield from iterable`, also where `yield*` alone is not: for plain generators,
 * arrays and other iterables.
 *
 * | | `yield*` of a coroutine | `yield*` of anything else | `yield* delegate(...)` |
 * |---|---|---|---|
 * | GeneratorExit | closes it, goes on outside | is an error like any other, and may be swallowed | closes it, goes on outside |
 * | an error, when the inner one takes none (an array) | | a TypeError instead | is thrown where it is delegated |
 * | a value, when the inner one takes none | | is dropped | ERR_NOT_SENDABLE where it is delegated |
 *
 * An iterator takes values if it has a `throw`, as generators have, or if its `next` has a parameter.
 *
 * @returns what the inner one returned
 * @throws {TypeError} ERR_INVALID_ARG_TYPE, where it is delegated, when `iterable` is none
 *
 * Source: PEP 380, "Formal Semantics".
 */
export function* delegate<Y, R, S>(iterable: Iterable<Y, R, S>): Generator<Y, R, S> {
  const iterator = iteratorOf(iterable);
  let result = iterator.next();
  while (!result.done) {
    let resumed: "by a value" | "by an error" | "by a return" = "by a return"; // which no catch sees
    let given: unknown;
    try {
      given = yield result.value;
      resumed = "by a value";
    } catch (error) {
      given = error;
      resumed = "by an error";
    } finally {
      if (resumed === "by a return") iterator.return?.();
    }
    result = resumed === "by a value" ? send(iterator, given as S) : raiseIn(iterator, given);
  }
  return result.value;
}

function iteratorOf<Y, R, S>(iterable: Iterable<Y, R, S>): Iterator<Y, R, S> {
  if (typeof iterable?.[Symbol.iterator] !== "function")
    throw invalidType("delegate", "it needs something that can be iterated", iterable);
  const iterator = iterable[Symbol.iterator]();
  if (typeof iterator?.next === "function") return iterator;
  throw invalidType("delegate", "what it got by [Symbol.iterator]() is no iterator", iterator);
}

function send<Y, R, S>(iterator: Iterator<Y, R, S>, value: S): IteratorResult<Y, R> {
  if (value === undefined) return iterator.next(undefined as S);
  if (typeof iterator.throw === "function" || iterator.next.length > 0) return iterator.next(value);
  abandon(iterator);
  throw new CoroutineError("ERR_NOT_SENDABLE", "cannot send a value: the iterator that is delegated to takes none");
}

function raiseIn<Y, R, S>(iterator: Iterator<Y, R, S>, error: unknown): IteratorResult<Y, R> {
  if (error instanceof GeneratorExit) close(iterator);
  else if (typeof iterator.throw === "function") return iterator.throw(error);
  else abandon(iterator);
  throw error;
}

/** As a loop does that an error leaves: what return() throws then is dropped. Python leaves that to its collector. */
function abandon(iterator: Iterator<unknown, unknown, never>): void {
  try {
    iterator.return?.();
  } catch {}
}

function close(iterator: Iterator<unknown, unknown, never>): void {
  if (typeof iterator.throw !== "function") {
    iterator.return?.();
    return;
  }
  try {
    if (iterator.throw(new GeneratorExit()).done) return;
  } catch (error) {
    if (error instanceof GeneratorExit) return;
    throw error;
  }
  throw new CoroutineError("ERR_IGNORED_EXIT", "cannot close a generator: it yielded instead of ending");
}
