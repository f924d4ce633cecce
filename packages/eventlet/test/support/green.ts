/** Tests whose bodies run in a greenthread. */
import { Event, run } from "@cordage/eventlet";
import { setErrorHandler } from "@cordage/gevent";
import { greenTests } from "@cordage/test-support/green";

export const { green, greenEach, takeReports } = greenTests({ run, setErrorHandler });

/** Waits until it is interrupted, and keeps no process alive. */
export function forever(): void {
  new Event().wait();
}

/** Runs something on the event loop's own greenlet, and returns what that returns. */
export function onTheHub<R>(call: () => R): R {
  const done = new Event<R>();
  setImmediate(() => {
    try {
      done.send(call());
    } catch (error) {
      done.sendException(error);
    }
  });
  return done.wait();
}

export const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);
