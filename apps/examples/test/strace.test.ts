/** What the programs of chapter 5 count is what the kernel sees. */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { IoUring } from "@cordage/ipc/sys";
import { run } from "@cordage/test-support";
import { expect, test } from "@jest/globals";
import { countCalls, type Recording } from "../dist/io-models/recording.js";

/** What C's select, poll and so on are as system calls; Node's own event loop uses epoll_pwait. */
const systemCalls: Record<string, string[]> = {
  recvfrom: ["recvfrom"],
  select: ["select", "pselect6"],
  poll: ["ppoll"],
  epoll_wait: ["epoll_wait", "epoll_pwait2"],
  io_uring_enter: ["io_uring_enter"],
};
const traced = Object.values(systemCalls).flat();
const fixture = fileURLToPath(new URL("./fixtures/read-under-strace.mjs", import.meta.url));

/** Why nothing can be traced here; undefined if it can. */
function untraceable(): string | undefined {
  const { error, status, stderr } = spawnSync("strace", ["-C", "-o", "/dev/null", "true"], { encoding: "utf8" });
  if (error) return `strace cannot be run: ${error.message}`;
  return status === 0 ? undefined : `strace may not trace: ${stderr.trim()}`;
}

const reason = untraceable();
const withoutRing = IoUring.unavailable();
if (reason) console.warn(`not compared with strace: ${reason}`);
if (withoutRing) console.warn(`asynchronous IO is not compared with strace: ${withoutRing}`);

/** How often strace saw each of ours, by its C name: the summary of -c, which -C writes after the trace. */
function counted(trace: string): Map<string, number> {
  const rows = trace.split("\n").map((line) => line.trim().split(/\s+/));
  const calls = new Map(rows.map((cells) => [cells.at(-1)!, Number(cells[3])]));
  calls.set("io_uring_enter", (calls.get("io_uring_enter") ?? 0) - ofTheEventLoop(trace));
  const sums = Object.entries(systemCalls).map(
    ([name, names]) => [name, names.reduce((sum, one) => sum + (calls.get(one) ?? 0), 0)] as const,
  );
  return new Map(sums.filter(([, count]) => count > 0));
}

/** From Node 22 or so on the event loop has a ring of its own, for epoll_ctl, and waits for it; the reader never waits so. */
function ofTheEventLoop(trace: string): number {
  return trace.match(/^io_uring_enter\(.*IORING_ENTER_GETEVENTS/gm)?.length ?? 0;
}

const models = ["blocking", "nonBlocking", "select", "poll", "epoll_wait", "signalDriven", "asynchronous"];
for (const model of models) {
  const skip = reason !== undefined || (model === "asynchronous" && withoutRing !== undefined);
  (skip ? test.skip : test)(`${model}: strace -c counts the system calls that the program counts`, async () => {
    const calls = traced.map((name) => `?${name}`).join(); // "?": this kernel may not have all of them
    const { stdout, stderr, code } = await run(fixture, [model, calls]);
    expect([stderr, code]).toEqual(["", 0]);
    const { trace, recording } = JSON.parse(stdout) as { trace: string; recording: Recording };
    expect(recording.messages).toHaveLength(3);
    expect(counted(trace)).toEqual(countCalls(recording));
  });
}
