/** Workers that end while they have tasks: exactly the task that they had begun is lost, or tried again. */
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { SharedValue } from "@cordage/ipc";
import { type TaskTrace, WorkerDiedError } from "@cordage/pool";
import { gone, until } from "@cordage/test-support";
import { describe, expect, test } from "@jest/globals";
import {
  blocks,
  collects,
  diesAt,
  diesUntil,
  endsOn3,
  endsProcess,
  fails,
  firstOf,
  initializerExits,
  initializerKills,
  kills,
  leaves,
  leavesLater,
  lengthOf,
  meetsBomb,
  rejectsBehind,
  spins,
  square,
  waitsAt,
} from "./fixtures/tasks.mjs";
import { failureOf, gate, kinds, occupy, pidsOf } from "./support/pools.js";
import { run } from "./support/program.js";

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);
const squares = (count: number) => numbers(count).map((n) => n * n);

describe.each(kinds)("$name: a worker that ends in a task", ({ name, make }) => {
  const ways: [string, (pool: ReturnType<typeof make>) => PromiseLike<unknown>, number][] = [
    ["by process.exit()", (pool) => pool.applyAsync(endsProcess, [5]), 5],
    ["by process.exit(0)", (pool) => pool.applyAsync(endsProcess, [0]), 0],
    ["by exit()", (pool) => pool.applyAsync(leaves, [3]), 3],
    ["by exit() after an await", (pool) => pool.applyAsync(leavesLater, [4]), 4],
    ["by exit() in a map", (pool) => pool.map(leaves, [6]), 6],
    ["by an error in a timer that it left behind", (pool) => pool.applyAsync(meetsBomb), 1],
  ];
  if (name === "Pool") {
    ways.push(["by SIGKILL", (pool) => pool.applyAsync(kills, ["SIGKILL"]), -9]);
    ways.push(["by SIGSEGV", (pool) => pool.applyAsync(kills, ["SIGSEGV"]), -11]);
    ways.push(["by SIGTERM", (pool) => pool.applyAsync(kills, ["SIGTERM"]), -15]);
  }

  test.each(ways)("%s loses that task, and those behind it are done by others", async (_, call, exitcode) => {
    const pool = make();
    const before = pidsOf(pool);
    const lost = call(pool);
    const others = numbers(50).map((n) => pool.applyAsync(square, [n]));
    const error = await failureOf(lost);
    expect(error).toBeInstanceOf(WorkerDiedError);
    expect(error).toMatchObject({ name: "WorkerDiedError", code: "ERR_WORKER_DIED", exitcode });
    expect(before).toContain(error.pid);
    const signals: Record<number, string> = { [-9]: "SIGKILL", [-11]: "SIGSEGV", [-15]: "SIGTERM" };
    expect(error.signal).toBe(signals[exitcode]);
    expect(error.message).toMatch(
      exitcode < 0 ? /^cannot finish the task: worker \d+.* was ended by SIG/ : `exit code ${exitcode}`,
    );
    expect(await Promise.all(others)).toEqual(squares(50));
    expect(pool.stats()).toMatchObject({ completed: 50, failed: 1, restarts: 1 });
    await until(() => pool.stats().workers.length === 2);
  });

  test("a promise that is rejected and left behind ends the worker as well", async () => {
    const pool = make({ processes: 1 });
    await pool.apply(rejectsBehind).catch((error) => expect(error).toBeInstanceOf(WorkerDiedError));
    await until(() => pool.stats().restarts === 1);
    expect(await pool.apply(square, [3])).toBe(9);
  });

  test("retries gives the task to another worker, so often and no more", async () => {
    const pool = make();
    const attempts = new SharedValue("int32", 0);
    expect(await pool.apply(diesUntil, [attempts, 3, "done"], { retries: 2 })).toBe("done");
    expect(attempts.value).toBe(3);
    expect(pool.stats()).toMatchObject({ retries: 2, restarts: 2, completed: 1, failed: 0 });
    attempts.value = 0;
    expect(await failureOf(pool.apply(diesUntil, [attempts, 3, "done"], { retries: 1 }))).toBeInstanceOf(
      WorkerDiedError,
    );
    expect(attempts.value).toBe(2);
  });

  test("retries is not for errors that the task throws", async () => {
    const pool = make();
    expect(await failureOf(pool.apply(fails, ["once"], { retries: 5 }))).toMatchObject({ message: "once" });
    expect(pool.stats()).toMatchObject({ retries: 0, failed: 1 });
  });

  test("a map rejects for the chunk that was lost; the others are done; retries is for chunks too", async () => {
    const pool = make();
    const [attempts, only] = [new SharedValue("int32", 0), new SharedValue("int32", 0)];
    const items = numbers(10).map((n) => (n === 5 ? ([only, 2, n] as const) : ([attempts, 0, n] as const)));
    expect(await failureOf(pool.starmap(diesUntil, items, { chunksize: 1 }))).toBeInstanceOf(WorkerDiedError);
    expect(pool.stats()).toMatchObject({ completed: 9, failed: 1 });
    only.value = 0;
    expect(await pool.starmap(diesUntil, items, { chunksize: 3, retries: 1 })).toEqual(numbers(10));
  });

  test("an imap has the error in its place, and goes on", async () => {
    const pool = make();
    const results = pool.imap(endsOn3, numbers(6));
    const seen: unknown[] = [];
    for (let i = 0; i < 6; i++)
      seen.push(
        await results.next().then(
          ({ value }) => value,
          (error) => error.code,
        ),
      );
    expect(seen).toEqual([0, 1, 2, "ERR_WORKER_DIED", 4, 5]);
    expect((await results.next()).done).toBe(true);
  });

  test("all of them, at once and again: the pool goes on", async () => {
    const pool = make({ processes: 3 });
    for (let round = 0; round < 3; round++) {
      const opened = gate();
      const lost = numbers(3).map(() => pool.applyAsync(diesAt, [opened, round]));
      for (let i = 0; i < 3; i++) await opened.entered.acquire();
      const rest = numbers(20).map((n) => pool.applyAsync(square, [n]));
      opened.opened.set();
      for (const result of lost)
        expect(await failureOf(result)).toMatchObject({ code: "ERR_WORKER_DIED", exitcode: round });
      expect(await Promise.all(rest)).toEqual(squares(20));
    }
    expect(pool.stats()).toMatchObject({ completed: 60, failed: 9, restarts: 9 });
  });

  test("after close() too: what waits is done", async () => {
    const pool = make({ processes: 1 });
    const lost = pool.applyAsync(endsProcess, [2]);
    const rest = numbers(10).map((n) => pool.applyAsync(square, [n]));
    pool.close();
    expect(await failureOf(lost)).toBeInstanceOf(WorkerDiedError);
    await pool.join();
    expect(await Promise.all(rest)).toEqual(squares(10));
  });

  test("an initializer that ends its worker breaks the pool: nothing waits for ever", async () => {
    const counter = new SharedValue("int32", 0);
    const initializer = name === "Pool" ? initializerKills : initializerExits;
    const pool = make({ initializer, initargs: [counter] });
    const results = [pool.applyAsync(square, [1]), pool.mapAsync(square, [1, 2, 3]), pool.imap(square, [1]).next()];
    for (const error of await Promise.all(results.map(failureOf)))
      expect(error).toMatchObject({
        name: "PoolError",
        code: "ERR_POOL_BROKEN",
        message: expect.stringContaining("end before they are ready"),
        cause: { name: "WorkerDiedError" },
      });
    expect(pool.stats().state).toBe("broken");
    expect(await failureOf(pool.apply(square, [1]))).toMatchObject({ code: "ERR_POOL_BROKEN" });
    await pool.join();
    expect(pool.stats().workers).toEqual([]);
    expect(counter.value).toBeGreaterThanOrEqual(8);
    expect(counter.value).toBeLessThan(20);
  });
});

describe("Pool: a worker that is killed from outside", () => {
  const { make } = kinds[0]!;

  test("while it is idle is replaced", async () => {
    const pool = make();
    await Promise.all([pool.apply(square, [1]), pool.apply(square, [2])]);
    const before = pidsOf(pool);
    for (const pid of before) process.kill(pid, "SIGKILL");
    await until(() => pool.stats().restarts === 2);
    expect(await pool.map(square, numbers(10), { chunksize: 1 })).toEqual(squares(10));
    expect(pidsOf(pool).some((pid) => before.includes(pid))).toBe(false);
    expect(pool.stats().failed).toBe(0);
  });

  test("while it starts is replaced", async () => {
    const pool = make();
    const before = pidsOf(pool);
    const results = numbers(10).map((n) => pool.applyAsync(square, [n]));
    for (const pid of before) process.kill(pid, "SIGKILL");
    for (const result of results) await result.catch((error) => expect(error).toBeInstanceOf(WorkerDiedError));
    expect(await pool.apply(square, [3])).toBe(9);
  });

  test.each(["spins", "blocks", "waits"])("while its task %s loses that task only", async (how) => {
    const pool = make();
    const at = gate();
    const victim =
      how === "spins"
        ? pool.applyAsync(spins, [at.entered])
        : pool.applyAsync(how === "blocks" ? blocks : waitsAt, [at, 1]);
    await at.entered.acquire();
    const busy = pool.stats().workers.find(({ state }) => state === "busy")!.pid!;
    process.kill(busy, "SIGKILL");
    expect(await failureOf(victim)).toMatchObject({ exitcode: -9, signal: "SIGKILL", pid: busy });
    expect(gone(busy)).toBe(true);
    expect(await pool.map(square, numbers(20), { chunksize: 1 })).toEqual(squares(20));
  });

  test.each([
    ["ready", "cordage:pool:worker:ready"],
    ["given a task", "cordage:pool:task:sent"],
    ["about to settle one", "tracing:cordage:pool:task:asyncStart"],
  ])("whenever it is %s: every task with retries is done, and none is done twice over", async (_, channel) => {
    const pool = make();
    // So often that it matters, and so seldom that workers come to work.
    const every = channel.endsWith("ready") ? 2 : 20;
    let seen = 0;
    let killed = 0;
    const strike = (message: unknown) => {
      const { pid } = message as TaskTrace;
      if (seen++ % every !== 0 || killed >= 6) return;
      killed++;
      process.kill(pid!, "SIGKILL");
    };
    subscribe(channel, strike);
    try {
      const called: number[] = [];
      const results = numbers(60).map((n) =>
        pool.applyAsync(square, [n], { retries: 20, callback: (value) => void called.push(value) }),
      );
      expect(await Promise.all(results)).toEqual(squares(60));
      expect(called.sort((a, b) => a - b)).toEqual(squares(60));
      expect(await pool.map(square, numbers(40), { chunksize: 1, retries: 20 })).toEqual(squares(40));
    } finally {
      unsubscribe(channel, strike);
    }
    expect(killed).toBeGreaterThan(0);
    expect(pool.stats()).toMatchObject({ completed: 100, failed: 0, queued: 0, running: 0 });
  });

  test("by its heap that is full, is a death as any other", async () => {
    const flags = ["--max-old-space-size=48"];
    const { code, stdout } = await run("out-of-memory.mjs", "spawn", { flags });
    expect([code, JSON.parse(stdout)]).toEqual([0, ["ERR_WORKER_DIED", "SIGABRT", -6, squares(20)]]);
  });
});

describe("Pool: large bytes", () => {
  const large = (value: number) => Buffer.alloc(100_000, value);

  test("that wait for a worker stay whole when the worker dies that had the ones before them in the same memory", async () => {
    const pool = kinds[0]!.make({ processes: 1 });
    await pool.apply(lengthOf, [large(1)]);
    await pool.apply(collects); // now the memory is free again
    const { results } = await occupy(pool, 1);
    const waiting = pool.applyAsync(firstOf, [large(2)]);
    process.kill(pidsOf(pool)[0]!, "SIGKILL");
    expect(await failureOf(results[0]!)).toBeInstanceOf(WorkerDiedError);
    const others = numbers(5).map((n) => pool.applyAsync(firstOf, [large(n + 3)]));
    expect(await waiting).toEqual([2, 2]);
    expect(await Promise.all(others)).toEqual(numbers(5).map((n) => [n + 3, n + 3]));
  });
});
