// PRODUCERS processes put, this one gets: sync|promises PRODUCERS SIZE.
import { Queue } from "@cordage/ipc";
import { count, report, seconds } from "../../../../scripts/bench/program.mjs";
import { partnersObjects, startPartner } from "./partner.mjs";

const [, , form, producers, size] = process.argv;
const n = count(size > 1000 ? 100_000 : 400_000);
const item = "x".repeat(size);

async function produce(queue) {
  if (form === "sync") for (let i = 0; i < n; i++) queue.putSync([i, item]);
  else for (let i = 0; i < n; i++) await queue.put([i, item]);
}

async function consume(queue, items) {
  if (form === "sync") for (let i = 0; i < items; i++) queue.getSync();
  else for (let i = 0; i < items; i++) await queue.get();
}

// A wait by itself keeps no process alive, and the promise form has nothing else that would.
const alive = setInterval(() => {}, 1e6);
const queue = partnersObjects(3);
if (queue) await produce(queue);
else {
  const queue = new Queue(1000);
  const partners = Array.from({ length: Number(producers) }, () => startPartner(queue));
  // The clock starts with the first item: what starting a process costs is another bench.
  await queue.get();
  const items = producers * n - 1;
  report(items / (await seconds(() => consume(queue, items))));
  await Promise.all(partners.map(({ ended }) => ended));
}
clearInterval(alive);
