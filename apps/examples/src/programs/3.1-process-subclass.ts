// Section 3.1, "继承Process类调用"; the Python original is python/3.1-process-subclass.py.
import { setTimeout as sleep } from "node:timers/promises";
import { isMain, Process } from "@cordage/process";
import { ctime } from "../builtins/ctime.js";
import { print } from "../builtins/print.js";

export class MyProcess extends Process {
  override async run() {
    print("hello", this.name, ctime());
    await sleep(1000);
  }
}

if (isMain(import.meta)) {
  const pList = [];
  for (let i = 0; i < 3; i++) {
    const p = new MyProcess();
    p.start();
    pList.push(p);
  }
  for (const p of pList) await p.join();
  print("end");
}
