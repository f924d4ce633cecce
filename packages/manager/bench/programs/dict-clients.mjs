// Eight client processes: set|get, sync|promise. They begin together, once each has warmed up.
import { Barrier } from "@cordage/ipc";
import { isMain, Process } from "@cordage/process";
import { count, report, seconds } from "../../../../scripts/bench/program.mjs";
import { ITEMS, repeat, using, withManager } from "./manager.mjs";

const CLIENTS = 8;

export async function client(d, together, op, form, n) {
  await repeat(form, n, using(d, op));
  await together.wait();
  await repeat(form, n, using(d, op));
  await together.wait();
}

if (isMain(import.meta)) {
  const [op, form] = process.argv.slice(2);
  const n = count(5_000);
  const took = await withManager(async (manager) => {
    const d = await manager.dict(ITEMS);
    const together = new Barrier(CLIENTS + 1);
    const args = [d, together, op, form, n];
    const clients = Array.from({ length: CLIENTS }, () => new Process({ target: client, args }));
    for (const one of clients) one.start();
    await together.wait();
    const took = await seconds(() => together.wait());
    for (const one of clients) await one.join();
    return took;
  });
  report((CLIENTS * n) / took);
}
