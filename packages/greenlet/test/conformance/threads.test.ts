/** Greenlets of several threads at once. */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { expect, test } from "@jest/globals";

// 16 TestGreenlet.test_thread_bug, TestGreenlet.test_threads
test("two threads that block on greenlets, and wait for each other there, do not disturb each other", async () => {
  const turn = new SharedArrayBuffer(4);
  const reports = [0, 1].map(async (me) => {
    const url = new URL("../fixtures/taking-turns.mjs", import.meta.url);
    const worker = new Worker(url, { workerData: { turn, me }, env: { ...process.env } });
    const exit = once(worker, "exit");
    const [report] = await once(worker, "message");
    return [report, ...(await exit)];
  });
  expect(await Promise.all(reports)).toEqual([
    [{ blocked: 100, resumed: 100 }, 0],
    [{ blocked: 100, resumed: 100 }, 0],
  ]);
});
