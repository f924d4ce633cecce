// Worker threads have greenlets of their own; some are ended while theirs are parked.
import assert from "node:assert/strict";
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { block } from "./hub.mjs";

const program = new URL("./worker.mjs", import.meta.url);

export const workers = {
  round(random) {
    const worker = new Worker(program, {
      workerData: { seed: random(1e9), engine: process.env.CORDAGE_GREENLET_ENGINE },
    });
    const failed = once(worker, "error").then(([error]) => Promise.reject(error));
    const [answer] = block(Promise.race([once(worker, "message"), failed]));
    assert.deepEqual(answer, { right: true });
    if (random(2) === 0) block(worker.terminate());
    else {
      worker.postMessage("end");
      block(Promise.race([once(worker, "exit"), failed]));
    }
  },
};
