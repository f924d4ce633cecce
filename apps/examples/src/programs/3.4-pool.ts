// Section 3.4, "进程池"; the Python original is python/3.4-pool.py.
import { setTimeout as sleep } from "node:timers/promises";
import { Pool } from "@cordage/pool";
import { isMain } from "@cordage/process";
import { print } from "../builtins/print.js";

export async function foo(args: number) {
  await sleep(1000);
  print(args);
}

if (isMain(import.meta)) {
  const p = new Pool({ processes: 5 });
  for (let i = 0; i < 30; i++) p.applyAsync(foo, [i]);
  p.close();
  await p.join();
}
