// The same with what Node has: thread|process value|bytes.
import { fork } from "node:child_process";
import { once } from "node:events";
import { isMainThread, parentPort, Worker } from "node:worker_threads";
import { count, report, seconds } from "../../../../scripts/bench/program.mjs";

const [, , kind, what, role] = process.argv;
const bytes = what === "bytes";
const n = count(bytes ? 300 : 20_000);
const message = bytes ? new Uint8Array(1 << 20).fill(1) : [12, { name: "yuan" }, "hello"];

async function roundTrips(partner, send, times) {
  for (let i = 0; i < times; i++) {
    const answer = once(partner, "message");
    send(message);
    await answer;
  }
}

const argv = [kind, what, "partner"];
const file = new URL(import.meta.url);
if (!isMainThread) parentPort.on("message", (value) => parentPort.postMessage(value));
else if (role === "partner") process.on("message", (value) => process.send(value));
else {
  const partner = kind === "thread" ? new Worker(file, { argv }) : fork(file, argv, { serialization: "advanced" });
  const send = kind === "thread" ? (value) => partner.postMessage(value) : (value) => partner.send(value);
  await roundTrips(partner, send, Math.ceil(n / 10));
  const took = await seconds(() => roundTrips(partner, send, n));
  report(bytes ? (2 * message.length * n) / took / 1e6 : (took / n) * 1e6);
  if (kind === "thread") await partner.terminate();
  else partner.kill();
}
