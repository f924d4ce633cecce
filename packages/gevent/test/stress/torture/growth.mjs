// What must be no more afterwards than it was before.
import { readdirSync } from "node:fs";
import { idle, sleep } from "@cordage/gevent";
import { statistics } from "@cordage/greenlet";

const descriptors = () => readdirSync("/proc/self/fd").length;

/** Callbacks of what is dropped run some turns of the event loop after a collection. */
function collect() {
  for (let i = 0; i < 3; i++) {
    globalThis.gc();
    sleep(1);
    idle();
  }
}

export function measure() {
  collect();
  const { greenlets, lost, stackBytes } = statistics();
  return { descriptors: descriptors(), greenlets, lost, stackBytes, heap: process.memoryUsage().heapUsed };
}

/** Until no descriptor is open that was not there before: they are closed in callbacks that nobody can wait for. */
export function untilClosed(before) {
  while (descriptors() > before) collect();
}
