// Section 3.2, "process类"; the Python original is python/3.2-process-info.py.
import { setTimeout as sleep } from "node:timers/promises";
import { isMain, Process } from "@cordage/process";
import { print } from "../builtins/print.js";

export async function info(name: string) {
  print("name:", name);
  print("parent process:", process.ppid);
  print("process id:", process.pid);
  print("------------------");
  await sleep(1000);
}

export async function foo(name: string) {
  await info(name);
}

if (isMain(import.meta)) {
  await info("main process line");
  const p1 = new Process({ target: info, args: ["alvin"] });
  const p2 = new Process({ target: foo, args: ["egon"] });
  p1.start();
  p2.start();
  await p1.join();
  await p2.join();
  print("ending");
}
