// The same with what Node has: thread|process PRODUCERS SIZE. There is no bound on what waits, so the sender yields.
import { fork } from "node:child_process";
import { isMainThread, parentPort, Worker } from "node:worker_threads";
import { count, report } from "../../../../scripts/bench/program.mjs";

const [, , kind, producers, size, role] = process.argv;
const n = count(size > 1000 ? 50_000 : 100_000);

async function produce(send) {
  const item = "x".repeat(size);
  for (let i = 0; i < n; i++) {
    send([i, item]);
    if (i % 1000 === 999) await new Promise(setImmediate);
  }
}

function consume(sources) {
  let got = 0;
  let began;
  const onMessage = () => {
    if (++got === 1) began = performance.now();
    if (got < producers * n) return;
    report((got - 1) / ((performance.now() - began) / 1000));
    for (const source of sources) source.disconnect?.();
  };
  for (const source of sources) source.on("message", onMessage);
}

const argv = [kind, producers, size, "producer"];
const file = new URL(import.meta.url);
const start = {
  thread: () => new Worker(file, { argv }),
  process: () => fork(file, argv, { serialization: "advanced" }),
};
if (!isMainThread) await produce((message) => parentPort.postMessage(message));
else if (role === "producer") {
  process.on("disconnect", () => {}); // keeps it until the consumer has everything
  await produce((message) => process.send(message));
} else consume(Array.from({ length: Number(producers) }, start[kind]));
