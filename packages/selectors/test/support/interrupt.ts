/** Signals for a process that sleeps in a system call. */
import type { ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { until } from "@cordage/test-support";

/** How often the main thread of a process has gone to sleep; undefined while it runs. */
export function sleeps(pid: number): number | undefined {
  const status = readFileSync(`/proc/${pid}/task/${pid}/status`, "utf8");
  if (!/^State:\s+S/m.test(status)) return undefined;
  return Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(status)![1]);
}

/** Sends a signal to a process that sleeps, so many times; each has woken it, and it sleeps again. */
export async function interrupt(child: ChildProcess, signal: NodeJS.Signals, times: number): Promise<void> {
  const pid = child.pid!;
  for (let i = 0; i < times; i++) {
    const before = (await until(() => sleeps(pid)))!;
    child.kill(signal);
    await until(() => (sleeps(pid) ?? 0) > before);
  }
}
