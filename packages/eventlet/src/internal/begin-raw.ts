/** Greenlets without a result: they cost less than greenthreads. */
import { beginFromHub, main, schedule } from "@cordage/gevent/sys";
import { Greenlet } from "@cordage/greenlet";

/** Told of an end: of an error, if that was one. */
export type Ended = (one: Greenlet, failure: { error: unknown } | undefined) => void;

/** Runs a function in a plain greenlet, soon. @param ended called in there, or on the hub if there was no memory for another stack */
export function beginRaw(call: () => unknown, ended: Ended): Greenlet {
  const one = new Greenlet(() => ended(one, failureOf(call)), main);
  schedule({
    run: () => {
      if (!one.started) begin(one, ended);
    },
  });
  return one;
}

function failureOf(call: () => unknown): { error: unknown } | undefined {
  try {
    call();
    return undefined;
  } catch (error) {
    return { error };
  }
}

function begin(one: Greenlet, ended: Ended): void {
  const error = beginFromHub(one);
  if (!error) return;
  one.throw(); // ends it without a stack
  ended(one, { error });
}
