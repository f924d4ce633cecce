// Section 3.3.1, "进程对列Queue"; the Python original is python/3.3.1-queue.py.
import { Queue } from "@cordage/ipc";
import { isMain, Process } from "@cordage/process";
import { id } from "../builtins/id.js";
import { print } from "../builtins/print.js";

export async function f(q: Queue<number>, n: number) {
  await q.put(n * n + 1);
  print("son process", id(q));
}

if (isMain(import.meta)) {
  const q = new Queue<number>();
  print("main process", id(q));
  for (let i = 0; i < 3; i++) {
    const p = new Process({ target: f, args: [q, i] });
    p.start();
  }
  print(await q.get());
  print(await q.get());
  print(await q.get());
}
