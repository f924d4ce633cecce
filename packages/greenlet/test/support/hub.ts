/** A greenlet that waits for a promise, in the plainest way. */
import { getCurrent } from "@cordage/greenlet";

const main = getCurrent();

/** Goes to the main greenlet until the promise is settled: its value, or its reason thrown. Not for the main greenlet. */
export function waitFor<T>(promise: PromiseLike<T>): T {
  const me = getCurrent();
  promise.then(
    (value) => me.switch(value),
    (reason) => me.throw(reason),
  );
  return main.switch() as T;
}
