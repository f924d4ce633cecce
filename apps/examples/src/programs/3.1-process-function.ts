// Section 3.1, "Process类调用"; the Python original is python/3.1-process-function.py.
import { setTimeout as sleep } from "node:timers/promises";
import { isMain, Process } from "@cordage/process";
import { ctime } from "../builtins/ctime.js";
import { print } from "../builtins/print.js";

export async function f(name: string) {
  print("hello", name, ctime());
  await sleep(1000);
}

if (isMain(import.meta)) {
  const pList = [];
  for (let i = 0; i < 3; i++) {
    const p = new Process({ target: f, args: [`alvin:${i}`] });
    pList.push(p);
    p.start();
  }
  for (const p of pList) await p.join();
  print("end");
}
