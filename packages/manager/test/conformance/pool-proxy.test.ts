/** A pool of a manager: its workers are the server's, and call only what the manager was told about. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { TimeoutError } from "@cordage/ipc";
import { AsyncResultProxy, IteratorProxy, ManagerError, type PoolProxy, SyncManager } from "@cordage/manager";
import { gone } from "@cordage/test-support";
import { afterAll, describe, expect, test } from "@jest/globals";
import { add, fails, failsAt2, later, notAllowed, pid, pushes, square, waitsFor } from "../fixtures/functions.mjs";
import { all } from "../support/all.js";
import { failureOf, refused } from "../support/failures.js";
import { forms } from "../support/forms.js";
import { startedManager } from "../support/managers.js";

const functions = [add, fails, failsAt2, later, pid, pushes, square, waitsFor];
const manager = startedManager(new SyncManager({ functions }));
let made: Promise<PoolProxy> | undefined;
/** One for all tests that leave it as it was. */
function sharedPool(): Promise<PoolProxy> {
  made ??= manager.Pool({ processes: 2 });
  return made;
}

const folder = mkdtempSync(path.join(tmpdir(), "cordage-gates-"));
afterAll(() => rmSync(folder, { recursive: true }));
let gates = 0;
/** What a task waits for, until it is opened. */
function gate() {
  const name = path.join(folder, String(gates++));
  execFileSync("mkfifo", [name]);
  return { name, open: () => writeFile(name, "") };
}

describe.each(forms)("a pool, $name,", ({ of }) => {
  const pool = async () => of(await sharedPool());

  // 240 TestSyncManagerTypes.test_pool
  test("applies and maps functions in workers of the server", async () => {
    const p = await pool();
    expect([await p.apply(square, [7]), await p.apply(add, [1, 2]), await p.apply(later, ["x"])]).toEqual([49, 3, "x"]);
    expect(await p.map(square, [1, 2, 3])).toEqual([1, 4, 9]);
    expect(await p.map(square, new Set([4, 5]), { chunksize: 2 })).toEqual([16, 25]);
    expect(
      await p.starmap(add, [
        [1, 2],
        [3, 4],
      ]),
    ).toEqual([3, 7]);
    expect(await p.map(square, [])).toEqual([]);
    const worker = await p.apply(pid);
    expect([worker === process.pid, worker === manager.process!.pid]).toEqual([false, false]);
  });

  test("takes a URL for a function", async () => {
    const url = new URL("../fixtures/functions.mjs#square", import.meta.url);
    expect(await (await pool()).apply(url as never, [8] as never)).toBe(64);
  });

  test("gives a result to come, which is a shared object, before it has come", async () => {
    const p = await pool();
    const { name, open } = gate();
    const result = await p.applyAsync(waitsFor, [name, { a: 1 }]);
    expect(result).toBeInstanceOf(AsyncResultProxy);
    const r = of(result);
    expect([await r.ready(), await r.wait({ timeout: 0 })]).toEqual([false, false]);
    expect(await failureOf(r.successful())).toMatchObject({ cause: { code: "ERR_REMOTE" } });
    await refused(r.get({ timeout: 0 }), TimeoutError, "ERR_TIMEOUT");
    await open();
    expect(await r.get()).toEqual({ a: 1 });
    expect([await r.ready(), await r.successful(), await r.wait(), await r.get()]).toEqual([
      true,
      true,
      true,
      { a: 1 },
    ]);
  });

  test("gives the results of a map to come", async () => {
    const p = await pool();
    const [mapped, starred] = [await p.mapAsync(square, [1, 2]), await p.starmapAsync(add, [[1, 2]], { chunksize: 1 })];
    expect([await of(mapped).get(), await of(starred).get()]).toEqual([[1, 4], [3]]);
    expect(await of(await p.mapAsync(square, [])).get()).toEqual([]);
  });

  test("iterates over results as they come", async () => {
    const p = await pool();
    const iterator = await p.imap(square, [1, 2, 3], { chunksize: 2 });
    expect(iterator).toBeInstanceOf(IteratorProxy);
    expect(await of(iterator).next()).toEqual({ done: false, value: 1 });
    expect(await all(of(iterator))).toEqual([4, 9]);
    expect(await of(iterator).next()).toMatchObject({ done: true });
    expect((await all(of(await p.imapUnordered(square, [1, 2, 3])))).sort()).toEqual([1, 4, 9]);
    expect(await all(of(await p.imap(square, [])))).toEqual([]);
  });

  test("fails with the error of the function, whose stack is in a cause", async () => {
    const p = await pool();
    const result = of(await p.applyAsync(fails, ["later"]));
    expect(await result.wait()).toBe(true);
    expect([await result.ready(), await result.successful()]).toEqual([true, false]);
    for (const promise of [p.apply(fails, ["later"]), p.map(fails, ["later"]), result.get()]) {
      const error = await failureOf(promise);
      expect(error).toBeInstanceOf(RangeError);
      expect(error).toMatchObject({ name: "RangeError", message: "later", code: "ERR_OF_TASK", detail: { a: 1 } });
      expect(error.cause).toMatchObject({ name: "RemoteError", code: "ERR_REMOTE" });
      expect(error.cause.cause.stack).toMatch(/at .*fails \(.*functions\.mjs/);
    }
    const iterator = of(await p.imap(failsAt2, [1, 2, 3], { chunksize: 1 }));
    expect(await iterator.next()).toMatchObject({ value: 1 });
    expect(await failureOf(iterator.next())).toMatchObject({ message: "two" });
    expect(await iterator.next()).toMatchObject({ value: 3 });
  });

  test("refuses a function that the manager was not told about", async () => {
    const p = await pool();
    const reason = /^cannot call function notAllowed: the manager was not told about it; start it with \{ functions: /;
    for (const promise of [
      p.apply(notAllowed),
      p.applyAsync(notAllowed),
      p.map(notAllowed, [1]),
      p.mapAsync(notAllowed, [1]),
      p.starmap(notAllowed, [[]]),
      p.starmapAsync(notAllowed, [[]]),
      p.imap(notAllowed, [1]),
      p.imapUnordered(notAllowed, [1]),
    ])
      await refused(promise, ManagerError, "ERR_FUNCTION_NOT_ALLOWED", reason);
    const urls = [
      new URL("../fixtures/functions.mjs#notAllowed", import.meta.url),
      new URL("node:child_process#execSync"),
    ];
    for (const url of urls) await refused(p.apply(url as never), ManagerError, "ERR_FUNCTION_NOT_ALLOWED");
    expect(await failureOf(p.map(square, 5 as never))).toMatchObject({
      name: "TypeError",
      code: "ERR_INVALID_ARG_TYPE",
    });
    expect(await failureOf(p.apply("square" as never))).toMatchObject({
      name: "TypeError",
      code: "ERR_INVALID_ARG_TYPE",
    });
    expect(await p.apply(square, [2])).toBe(4);
  });

  test("finishes what it has after close, and takes no more; its workers end", async () => {
    const own = await manager.Pool(1);
    const p = of(own);
    const worker = await p.apply(pid);
    const { name, open } = gate();
    const result = of(await p.applyAsync(waitsFor, [name, "done"]));
    expect(await failureOf(p.join())).toMatchObject({ code: "ERR_POOL_RUNNING" });
    await p.close();
    expect(await failureOf(p.apply(square, [1]))).toMatchObject({ name: "PoolClosedError", code: "ERR_POOL_CLOSED" });
    await open();
    await p.join();
    expect([await result.get(), gone(worker)]).toEqual(["done", true]);
  });

  test("ends its workers at once when it is terminated", async () => {
    const p = of(await manager.Pool(1));
    const worker = await p.apply(pid);
    const result = of(await p.applyAsync(waitsFor, [gate().name, 1]));
    await p.terminate();
    await p.join();
    expect(gone(worker)).toBe(true);
    expect(await failureOf(result.get())).toBeInstanceOf(Error);
  });
});

test("the argument of a function may be a proxy", async () => {
  const list = await manager.list<number>();
  expect(await (await sharedPool()).apply(pushes, [list])).toBe(1);
});

test("a pool is made with options, and says what it does", async () => {
  expect(await (await sharedPool()).getValue()).toMatchObject({ state: "running" });
  expect(await failureOf(manager.Pool({ processes: "2" as never }))).toMatchObject({
    name: "TypeError",
    code: "ERR_INVALID_ARG_TYPE",
    message: expect.stringMatching(/^cannot make a pool: processes must be a number/),
  });
});

test("a pool of a manager that was told about no functions calls none", async () => {
  await using strict = new SyncManager();
  await strict.start();
  await refused((await strict.Pool(1)).apply(square, [1]), ManagerError, "ERR_FUNCTION_NOT_ALLOWED");
});

test("what has no action allowed makes no barrier", async () => {
  await refused(manager.Barrier(2, { action: notAllowed }), ManagerError, "ERR_FUNCTION_NOT_ALLOWED");
});
