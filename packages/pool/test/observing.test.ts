/** What a pool tells about itself: numbers, events, and a bar. */
import { execFile } from "node:child_process";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { SharedValue } from "@cordage/ipc";
import type { Pool, TaskTrace } from "@cordage/pool";
import { until } from "@cordage/test-support";
import { describe, expect, test } from "@jest/globals";
import { diesUntil, fails, later, square } from "./fixtures/tasks.mjs";
import { failureOf, kinds, occupy } from "./support/pools.js";
import { run } from "./support/program.js";

const numbers = (count: number) => Array.from({ length: count }, (_, i) => i);

const channels = {
  start: "tracing:cordage:pool:task:start",
  end: "tracing:cordage:pool:task:end",
  asyncStart: "tracing:cordage:pool:task:asyncStart",
  asyncEnd: "tracing:cordage:pool:task:asyncEnd",
  error: "tracing:cordage:pool:task:error",
  sent: "cordage:pool:task:sent",
  retry: "cordage:pool:task:retry",
  ready: "cordage:pool:worker:ready",
  ended: "cordage:pool:worker:end",
};

/** The events while `work` runs, in their order, as the message was at that time. */
async function eventsOf(work: () => Promise<unknown>, names = Object.keys(channels)): Promise<[string, any][]> {
  const events: [string, any][] = [];
  const listeners = names.map((name) => {
    const listener = (message: unknown) => void events.push([name, { ...(message as object), message }]);
    return [channels[name as keyof typeof channels], listener] as const;
  });
  for (const [channel, listener] of listeners) subscribe(channel, listener);
  try {
    await work();
  } finally {
    for (const [channel, listener] of listeners) unsubscribe(channel, listener);
  }
  return events;
}

const namesOf = (events: [string, any][]) => events.map(([name]) => name);

describe.each(kinds)("$name: stats()", ({ make }) => {
  test("counts what was done", async () => {
    const pool = make();
    expect(pool.stats()).toMatchObject({
      state: "running",
      completed: 0,
      failed: 0,
      queued: 0,
      running: 0,
      retries: 0,
    });
    for (const { state } of pool.stats().workers) expect(["starting", "idle"]).toContain(state);
    expect(pool.stats().runTime).toMatchObject({ count: 0, min: 0, max: 0, mean: 0, p50: 0, p99: 0 });
    await pool.map(later, numbers(20), { chunksize: 2 });
    await failureOf(pool.apply(fails));
    const { workers, waitTime, runTime, utilization, ...counts } = pool.stats();
    expect(counts).toEqual({
      state: "running",
      completed: 10,
      failed: 1,
      queued: 0,
      running: 0,
      retries: 0,
      restarts: 0,
    });
    expect(workers.reduce((sum, { tasks }) => sum + tasks, 0)).toBe(11);
    for (const worker of workers) {
      expect(worker.name).toMatch(/^PoolWorker-\d+:[12]$/);
      expect(worker.pid).toBeGreaterThan(0);
      expect(worker.utilization).toBeGreaterThanOrEqual(0);
      expect(worker.utilization).toBeLessThanOrEqual(1);
    }
    for (const times of [waitTime, runTime]) {
      expect(times.count).toBe(11);
      expect(times.min).toBeLessThanOrEqual(times.p50);
      expect(times.p50).toBeLessThanOrEqual(times.p99);
      expect(times.p99).toBeLessThanOrEqual(times.max);
    }
    expect(runTime.max).toBeGreaterThanOrEqual(8);
    expect(utilization).toBeGreaterThan(0);
    expect(utilization).toBeLessThanOrEqual(1);
  });

  test("tells what runs and what waits", async () => {
    const pool = make({ processes: 2 });
    const { opened, results } = await occupy(pool, 1);
    expect(pool.stats()).toMatchObject({ running: 1, queued: 0 });
    expect(pool.stats().workers.filter(({ state }) => state === "busy")).toHaveLength(1);
    const second = await occupy(pool, 1);
    const waiting = numbers(100).map((n) => pool.applyAsync(square, [n]));
    const { running, queued } = pool.stats();
    expect(running + queued).toBe(102);
    opened.set();
    second.opened.set();
    await Promise.all([...results, ...second.results, ...waiting]);
    expect(pool.stats()).toMatchObject({ running: 0, queued: 0, completed: 102 });
    await until(() => pool.stats().workers.every(({ state }) => state === "idle"));
    pool.close();
    expect(pool.stats().state).toBe("closed");
    await pool.join();
    expect(pool.stats()).toMatchObject({ workers: [], utilization: 0, completed: 102 });
  });
});

describe.each(kinds)("$name: diagnostics channels", ({ make }) => {
  /** Its workers are ready, and known to be. */
  async function prepared(options = {}): Promise<Pool> {
    const pool = make({ processes: 1, ...options });
    await pool.apply(square, [1]);
    return pool;
  }

  test("tell the life of a task that succeeds", async () => {
    const pool = await prepared();
    const events = await eventsOf(() => pool.apply(square, [3]));
    expect(namesOf(events)).toEqual(["start", "end", "sent", "asyncStart", "asyncEnd"]);
    const traces = events.map(([, { message }]) => message as TaskTrace);
    expect(new Set(traces).size).toBe(1);
    const { pid } = pool.stats().workers[0]!;
    expect(traces[0]).toMatchObject({
      name: "square",
      pid,
      attempts: 0,
      id: expect.any(Number),
      pool: expect.any(Number),
    });
    expect(traces[0]).not.toHaveProperty("error");
    expect(traces[0]).not.toHaveProperty("result");
  });

  test("tell the life of a task that fails", async () => {
    const pool = await prepared();
    const events = await eventsOf(() => failureOf(pool.apply(fails, ["wrong"])));
    expect(namesOf(events)).toEqual(["start", "end", "sent", "error", "asyncStart", "asyncEnd"]);
    expect(events[3]![1].error).toMatchObject({ name: "RangeError", message: "wrong" });
  });

  test("tell the life of a task that is tried again, and of its workers", async () => {
    const pool = await prepared();
    const attempts = new SharedValue("int32", 0);
    const events = await eventsOf(() => pool.apply(diesUntil, [attempts, 2, "done"], { retries: 1 }));
    const names = namesOf(events);
    expect(names.filter((name) => name !== "ready")).toEqual([
      "start",
      "end",
      "sent",
      "ended",
      "retry",
      "sent",
      "asyncStart",
      "asyncEnd",
    ]);
    expect(names).toContain("ready");
    const of = (name: string) => events.find(([event]) => event === name)![1];
    expect(of("ended")).toMatchObject({
      exitcode: 7,
      name: expect.stringMatching(/^PoolWorker-/),
      pid: of("sent").pid,
    });
    expect(of("retry")).toMatchObject({ name: "diesUntil", attempts: 1, error: { code: "ERR_WORKER_DIED" } });
    expect(of("asyncEnd")).toMatchObject({ attempts: 1 });
    expect(of("asyncEnd").id).toBe(of("start").id);
  });

  test("tell each chunk of a map and of an imap", async () => {
    const pool = await prepared();
    const map = await eventsOf(() => pool.map(square, numbers(10), { chunksize: 4 }), ["start", "asyncEnd"]);
    expect(namesOf(map).sort()).toEqual([...Array(3).fill("asyncEnd"), ...Array(3).fill("start")]);
    const imap = await eventsOf(async () => {
      for await (const _ of pool.imap(square, numbers(5)));
    }, ["asyncStart"]);
    expect(imap.map(([, { name }]) => name)).toEqual(Array(5).fill("square"));
  });

  test.each(Object.keys(channels).filter((name) => !["retry", "error", "ready", "ended"].includes(name)))(
    "may be listened to one by one: %s",
    async (name) => {
      const pool = await prepared();
      const events = await eventsOf(() => pool.apply(square, [3]), [name]);
      expect(events.map(([name, { id }]) => [name, typeof id])).toEqual([[name, "number"]]);
    },
  );
});

describe("progress", () => {
  const lines = [[60, "a", []]];

  test("is silent where stderr is no terminal", async () => {
    const { code, stdout, stderr } = await run("progress.mjs", "forkserver");
    expect([code, JSON.parse(stdout), stderr]).toEqual([0, lines[0], ""]);
  });

  test.each([
    ["titled", "Rope"],
    ["by its function", "later"],
  ])("is a bar on a terminal, with its title, its rate and the time that is left: %s", async (how, title) => {
    const program = fileURLToPath(new URL("./fixtures/progress.mjs", import.meta.url));
    const onTerminal = "import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)";
    const argv = ["-c", onTerminal, process.execPath, program, "forkserver", how];
    const env = { ...process.env, NODE_OPTIONS: "", TERM: "xterm" };
    const { stdout } = await promisify(execFile)("python3", argv, { env });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what moves the cursor.
    const text = stdout.replace(/\x1b\[[0-9;?]*[A-Za-z]/g, "\n");
    expect(text).toMatch(new RegExp(`${title} [█░]+ \\d+% \\| \\d+/60 \\| [\\d,]+/s \\| \\S+ left`));
    expect(text).toMatch(new RegExp(`${title} █+ 100% \\| 60/60 \\| [\\d,]+/s \\| 0s left`));
    expect(text).toContain('[60,"a",[]]');
    // The cursor is shown again at the end.
    expect(stdout.lastIndexOf("\x1b[?25h")).toBeGreaterThan(stdout.lastIndexOf("\x1b[?25l"));
  });
});
