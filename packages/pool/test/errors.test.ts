/** What a pool refuses, what tasks throw, and what cannot travel. */
import { fileURLToPath } from "node:url";
import { CodecError, IpcError } from "@cordage/ipc";
import { MaybeEncodingError, PoolClosedError, PoolError, RemoteError } from "@cordage/pool";
import { run } from "@cordage/test-support";
import { describe, expect, test } from "@jest/globals";
import {
  add,
  calls,
  fails,
  identity,
  leavesBomb,
  pid,
  rejectsWith,
  returnsFunction,
  returnsGenerator,
  square,
  throwsAggregate,
  throwsSymbol,
  throwsUnregistered,
  throwsUnsendable,
  throwsValue,
  throwsWithCauses,
} from "./fixtures/tasks.mjs";
import { failureOf, kinds, occupy, thrownBy } from "./support/pools.js";

const hidden = { local: () => 1 }.local;
const anonymous = [(n: number) => n][0]!;
const missing = new URL("./fixtures/tasks.mjs#missing", import.meta.url);
const nowhere = new URL("./fixtures/nowhere.mjs#f", import.meta.url);

describe.each(kinds)("$name: a pool that is no longer open", ({ make }) => {
  test.each(["close", "terminate"] as const)("refuses every call after %s()", async (how) => {
    const pool = make();
    const ending = pool[how]();
    const errors = [
      thrownBy(() => pool.applyAsync(square, [1])),
      thrownBy(() => pool.mapAsync(square, [1])),
      thrownBy(() => pool.starmapAsync(add, [[1, 2]])),
      thrownBy(() => pool.imap(square, [1])),
      thrownBy(() => pool.imapUnordered(square, [1])),
      await failureOf(pool.apply(square, [1])),
      await failureOf(pool.map(square, [1])),
      await failureOf(pool.starmap(add, [[1, 2]])),
      await failureOf(pool.map(square, [])),
    ];
    for (const error of errors) {
      expect(error).toBeInstanceOf(PoolClosedError);
      expect(error).toMatchObject({ name: "PoolClosedError", code: "ERR_POOL_CLOSED" });
      expect(error.message).toMatch(/^cannot (apply|map|starmap|imap).*: the pool is (closed|terminated)$/);
    }
    await ending;
    await pool.join();
    expect(pool.stats()).toMatchObject({ workers: [], completed: 0, failed: 0 });
  });

  test("does not read the input of a map", async () => {
    const pool = make();
    pool.close();
    let read = 0;
    function* input() {
      for (;;) yield read++;
    }
    async function* asynchronous() {
      yield* input();
    }
    expect(await failureOf(pool.map(square, input()))).toBeInstanceOf(PoolClosedError);
    expect(await failureOf(pool.starmap(add, asynchronous() as never))).toBeInstanceOf(PoolClosedError);
    expect(thrownBy(() => pool.mapAsync(square, input()))).toBeInstanceOf(PoolClosedError);
    expect(thrownBy(() => pool.imap(square, input()))).toBeInstanceOf(PoolClosedError);
    expect(read).toBe(0);
  });

  test("can be closed and terminated again", async () => {
    const pool = make();
    pool.close();
    pool.close();
    await Promise.all([pool.join(), pool.join()]);
    await pool.terminate();
    await pool.join();
    expect(pool.stats()).toMatchObject({ state: "terminated", workers: [] });
  });

  test("join() is refused before close()", async () => {
    const pool = make();
    expect(await failureOf(pool.join())).toMatchObject({ name: "PoolError", code: "ERR_POOL_RUNNING" });
    expect(await pool.apply(square, [2])).toBe(4);
  });

  test("finishes what it has after close()", async () => {
    const pool = make();
    const { opened, results } = await occupy(pool, 2);
    const rest = pool.mapAsync(square, [1, 2, 3], { chunksize: 1 });
    const items = pool.imap(square, [4, 5, 6]);
    pool.close();
    opened.set();
    await pool.join();
    expect(await Promise.all(results)).toEqual([0, 1]);
    expect(await rest).toEqual([1, 4, 9]);
    expect((await items.next()).value).toBe(16);
  });
});

describe.each(kinds)("$name: bad arguments", ({ make }) => {
  const cases: [string, Record<string, unknown>, string, string][] = [
    ["processes", { processes: "2" }, "ERR_INVALID_ARG_TYPE", "processes must be a number, received '2'"],
    [
      "minProcesses",
      { minProcesses: -1 },
      "ERR_OUT_OF_RANGE",
      "minProcesses must be a whole number from 0 to .*, received -1",
    ],
    [
      "more minProcesses than processes",
      { minProcesses: 3 },
      "ERR_OUT_OF_RANGE",
      "minProcesses must not be more than processes \\(2\\), received 3",
    ],
    ["idle", { idle: "1 s" }, "ERR_INVALID_ARG_TYPE", "idle must be a number of milliseconds, received '1 s'"],
    ["a negative idle", { idle: -1 }, "ERR_OUT_OF_RANGE", "idle must be a number of milliseconds from 0, received -1"],
    [
      "initializer",
      { initializer: "f" },
      "ERR_INVALID_ARG_TYPE",
      "initializer must be a function or a URL .*, received 'f'",
    ],
    ["initargs", { initargs: 1 }, "ERR_INVALID_ARG_TYPE", "initargs must be an array of arguments, received 1"],
    ["maxQueue", { maxQueue: 0 }, "ERR_OUT_OF_RANGE", "maxQueue must be a whole number from 1 to .*, received 0"],
    ["grace", { grace: Number.NaN }, "ERR_OUT_OF_RANGE", "grace must be a number of milliseconds from 0, received NaN"],
  ];
  test.each(cases)("of the constructor: %s", (_, options, code, message) => {
    const error = thrownBy(() => make(options));
    expect(error).toMatchObject({ code, name: code === "ERR_OUT_OF_RANGE" ? "RangeError" : "TypeError" });
    expect(error.message).toMatch(new RegExp(`^cannot make a pool: ${message}$`));
  });

  test("of calls: each message says what is wrong, and what was received", async () => {
    const pool = make() as any;
    const bad: [string, unknown[], string, string][] = [
      ["applyAsync", [1], "ERR_INVALID_ARG_TYPE", "it needs a function, or a URL with a fragment, received 1"],
      ["applyAsync", [undefined], "ERR_INVALID_ARG_TYPE", "it needs a function, .*, received undefined"],
      ["applyAsync", [square, 5], "ERR_INVALID_ARG_TYPE", "args must be an array of arguments, received 5"],
      ["applyAsync", [square, "5"], "ERR_INVALID_ARG_TYPE", "args must be an array of arguments, received '5'"],
      ["applyAsync", [square, null], "ERR_INVALID_ARG_TYPE", "args must be an array of arguments, received null"],
      ["applyAsync", [square, [], 5], "ERR_INVALID_ARG_TYPE", "options must be an object, received 5"],
      [
        "applyAsync",
        [square, [], { timeout: "1" }],
        "ERR_INVALID_ARG_TYPE",
        "timeout must be a number .*, received '1'",
      ],
      ["applyAsync", [square, [], { timeout: -1 }], "ERR_OUT_OF_RANGE", "timeout must be a number .*, received -1"],
      [
        "applyAsync",
        [square, [], { retries: 1.5 }],
        "ERR_OUT_OF_RANGE",
        "retries must be a whole number .*, received 1.5",
      ],
      [
        "applyAsync",
        [square, [], { signal: {} }],
        "ERR_INVALID_ARG_TYPE",
        "signal must be an AbortSignal, received {}",
      ],
      ["applyAsync", [square, [], { callback: 1 }], "ERR_INVALID_ARG_TYPE", "callback must be a function, received 1"],
      [
        "applyAsync",
        [square, [], { errorCallback: 1 }],
        "ERR_INVALID_ARG_TYPE",
        "errorCallback must be .*, received 1",
      ],
      ["mapAsync", [square, 5], "ERR_INVALID_ARG_TYPE", "it needs an iterable of items, received 5"],
      [
        "mapAsync",
        [square, (async function* () {})()],
        "ERR_INVALID_ARG_TYPE",
        "it needs an iterable that is not asynchronous, received .*",
      ],
      [
        "mapAsync",
        [square, [], { chunksize: 0 }],
        "ERR_OUT_OF_RANGE",
        "chunksize must be a whole number from 1 .*, received 0",
      ],
      [
        "mapAsync",
        [square, [1], { chunksize: "2" }],
        "ERR_INVALID_ARG_TYPE",
        "chunksize must be a number, received '2'",
      ],
      ["starmapAsync", [add, [[1, 2], 3]], "ERR_INVALID_ARG_TYPE", "args must be an array of arguments, received 3"],
      ["imap", [square, 5], "ERR_INVALID_ARG_TYPE", "it needs an iterable of items, received 5"],
      ["imap", [5, [5]], "ERR_INVALID_ARG_TYPE", "it needs a function, or a URL with a fragment, received 5"],
      [
        "imap",
        [square, [5], { buffersize: 0 }],
        "ERR_OUT_OF_RANGE",
        "buffersize must be a whole number from 1 .*, received 0",
      ],
      ["imapUnordered", [square, [5], { chunksize: -1 }], "ERR_OUT_OF_RANGE", "chunksize must be .*, received -1"],
    ];
    for (const [method, args, code, message] of bad) {
      const error = thrownBy(() => pool[method](...args));
      expect(error).toMatchObject({ code, name: code === "ERR_OUT_OF_RANGE" ? "RangeError" : "TypeError" });
      expect(error.message).toMatch(new RegExp(`^cannot (apply|map|starmap|imap)[ a-z]*: ${message}$`));
      const { [method.replace(/Async$/, "")]: name } = pool;
      if (method.endsWith("Async") && !String(args[1]).includes("AsyncGenerator")) {
        const rejection = await failureOf(name.apply(pool, args));
        expect([rejection.code, rejection.name]).toEqual([code, error.name]);
      }
    }
    const result = pool.applyAsync(square, [3]);
    expect(await failureOf(result.get({ timeout: "1" }))).toMatchObject({ code: "ERR_INVALID_ARG_TYPE" });
    expect(thrownBy(() => result.getSync(5))).toMatchObject({ code: "ERR_INVALID_ARG_TYPE" });
    expect(await failureOf(pool.imap(square, [1]).next({ timeout: Number.NaN }))).toMatchObject({
      code: "ERR_OUT_OF_RANGE",
    });
    expect(await result).toBe(9);
    expect(pool.stats().failed).toBe(0);
  });
});

describe.each(kinds)("$name: what cannot travel", ({ make }) => {
  test("an argument fails its result, and the pool goes on", async () => {
    const pool = make({ processes: 1 });
    const result = pool.applyAsync(add, [1, { deep: [Symbol("s")] } as never]);
    const error = await failureOf(result);
    expect(error).toBeInstanceOf(CodecError);
    expect(error).toMatchObject({ code: "ERR_NOT_SERIALIZABLE", path: "$[1].deep[0]" });
    const inMap = await failureOf(pool.map(identity, [1, Symbol("s"), 3], { chunksize: 1 }));
    expect(inMap).toMatchObject({ code: "ERR_NOT_SERIALIZABLE" });
    const items = pool.imap(identity, [1, Symbol("s"), 3]);
    expect(await items.next()).toEqual({ done: false, value: 1 });
    expect(await failureOf(items.next())).toMatchObject({ code: "ERR_NOT_SERIALIZABLE" });
    expect(await items.next()).toEqual({ done: false, value: 3 });
    expect(await pool.apply(square, [3])).toBe(9);
  });

  test("reading an argument may throw: that is the cause", async () => {
    const thrown = new Error("of the getter");
    const argument = {
      get bad() {
        throw thrown;
      },
    };
    const error = await failureOf(make().apply(identity, [argument]));
    expect(error).toMatchObject({ code: "ERR_NOT_SERIALIZABLE", cause: thrown });
  });

  test("a function without a name, or that is not exported, fails the result, and the pool goes on", async () => {
    const pool = make();
    for (const call of [
      () => pool.apply(anonymous, [1]),
      () => pool.map(anonymous, [1]),
      () => pool.applyAsync(anonymous, [1]),
    ]) {
      const error = await failureOf(call());
      expect(error).toBeInstanceOf(CodecError);
      expect(error).toMatchObject({ code: "ERR_NOT_SERIALIZABLE", message: expect.stringContaining("anonymous") });
    }
    expect(thrownBy(() => pool.imap(anonymous, [1]))).toBeInstanceOf(CodecError);
    // A worker cannot import TypeScript, or finds no such export.
    expect(await failureOf(pool.apply(hidden))).toMatchObject({ name: "IpcError", code: "ERR_FUNCTION_NOT_FOUND" });
    expect(await failureOf(pool.apply(calls, [anonymous, 1]))).toMatchObject({ code: "ERR_NOT_SERIALIZABLE" });
    expect(await pool.apply(square, [3])).toBe(9);
  });

  test.each([
    ["export", missing, "missing"],
    ["module", nowhere, "nowhere.mjs"],
  ])("a URL of an %s that is not there fails the result, and the pool goes on", async (_, url, part) => {
    const pool = make({ processes: 1 });
    for (let i = 0; i < 2; i++) {
      const error = await failureOf(pool.apply<(n: number) => number>(url, [1]));
      expect(error).toBeInstanceOf(IpcError);
      expect(error).toMatchObject({ code: "ERR_FUNCTION_NOT_FOUND", message: expect.stringContaining(part) });
    }
    expect(await failureOf(pool.map<(n: number) => number>(url, [1, 2, 3]))).toMatchObject({
      code: "ERR_FUNCTION_NOT_FOUND",
    });
    expect(await pool.apply(square, [3])).toBe(9);
    expect(pool.stats().restarts).toBe(0);
  });

  test("a result is shown in the error, and its worker goes on", async () => {
    const pool = make({ processes: 1 });
    const before = await pool.apply(pid, [0]);
    const error = await failureOf(pool.apply(returnsFunction));
    expect(error).toBeInstanceOf(MaybeEncodingError);
    expect(error).toBeInstanceOf(PoolError);
    expect(error).toMatchObject({
      code: "ERR_RESULT_NOT_SERIALIZABLE",
      value: "{ name: 'a result', hook: [Function: hook] }",
      message: expect.stringMatching(/^cannot send the task's result: /),
    });
    expect(await failureOf(pool.apply(returnsGenerator))).toMatchObject({ code: "ERR_RESULT_NOT_SERIALIZABLE" });
    expect(await failureOf(pool.map(returnsFunction as () => unknown, [undefined, undefined]))).toBeInstanceOf(
      MaybeEncodingError,
    );
    expect([await pool.apply(pid, [0]), pool.stats().restarts]).toEqual([before, 0]);
  });

  test("what a task throws is shown in the error, and its worker goes on", async () => {
    const pool = make({ processes: 1 });
    const error = await failureOf(pool.apply(throwsUnsendable));
    expect(error).toBeInstanceOf(MaybeEncodingError);
    expect(error.message).toMatch(/^cannot send what the task threw: /);
    expect(error.value).toMatch(/^Error: with a function\n.*hook: \[Function: hook\]/s);
    expect(await failureOf(pool.apply(throwsSymbol))).toMatchObject({
      name: "MaybeEncodingError",
      value: "Symbol(thrown)",
    });
    expect([await pool.apply(square, [3]), pool.stats().restarts]).toEqual([9, 0]);
  });
});

describe.each(kinds)("$name: what tasks throw", ({ make }) => {
  // 111 _TestPool.test_traceback
  test("has the stack that it had in the worker as its cause", async () => {
    const pool = make({ processes: 1 });
    const { inspect } = await import("node:util");
    const failures = [pool.apply(fails, ["wrong"]), pool.map(fails, ["wrong"]), pool.imap(fails, ["wrong"]).next()].map(
      failureOf,
    );
    for (const error of await Promise.all(failures)) {
      expect(error).toBeInstanceOf(RangeError);
      expect(error).toMatchObject({ message: "wrong", code: "ERR_OF_TASK" });
      expect(error.cause).toBeInstanceOf(RemoteError);
      expect(error.cause).toMatchObject({ code: "ERR_REMOTE", pid: pool.stats().workers[0]!.pid });
      expect(error.cause.stack).toMatch(/^RemoteError: in worker \d+\nRangeError: wrong\n {4}at fails \(.*tasks\.mjs/);
      expect(inspect(error)).toMatch(/at fails \(.*tasks\.mjs/);
    }
  });

  test("keeps the causes that it had", async () => {
    const error = await failureOf(make().apply(throwsWithCauses));
    const chain = [];
    for (let at = error; at; at = at.cause) chain.push([at.name, at.message.replace(/\d+/, "N")]);
    expect(chain).toEqual([
      ["Error", "outer"],
      ["RemoteError", "the task failed in worker N"],
      ["TypeError", "middle"],
      ["RangeError", "inner"],
    ]);
  });

  test("keeps the errors of an AggregateError", async () => {
    const error = await failureOf(make().apply(throwsAggregate));
    expect(error).toMatchObject({ name: "AggregateError", message: "several" });
    expect(error.errors.map(({ name, message }: Error) => [name, message])).toEqual([
      ["TypeError", "one"],
      ["RangeError", "two"],
    ]);
  });

  test("of a class that is not registered comes as the nearest class that is known", async () => {
    const error = await failureOf(make().apply(throwsUnregistered));
    expect(error).toBeInstanceOf(TypeError);
    expect(error).toMatchObject({ name: "Unregistered", message: "of a class that nobody knows", detail: [1, 2] });
  });

  test.each([[undefined], [null], [0], ["text"], [{ a: [1] }], [[]], [new Map([[1, 2]])]])(
    "may be no error: %p",
    async (value) => {
      const pool = make({ processes: 1 });
      for (const fn of [throwsValue, rejectsWith]) {
        expect(await failureOf(pool.apply(fn, [value]))).toEqual(value);
        expect(await failureOf(pool.map(fn, [value]))).toEqual(value);
        expect(await failureOf(pool.imap(fn, [value]).next())).toEqual(value);
      }
      expect(pool.stats()).toMatchObject({ failed: 6, restarts: 0 });
    },
  );

  test("what a task leaves behind in a timer that throws ends its worker, and nothing else", async () => {
    const pool = make({ processes: 1 });
    const first = pool.stats().workers[0]!.name;
    expect(await pool.apply(leavesBomb)).toBeUndefined();
    const { until } = await import("@cordage/test-support");
    await until(() => pool.stats().workers.length === 1 && pool.stats().workers[0]!.name !== first);
    expect(await pool.apply(square, [3])).toBe(9);
    expect(pool.stats()).toMatchObject({ failed: 0, restarts: 1 });
  });
});

test("a main module without its guard is told so, by the error of its task", async () => {
  const { code, stdout, stderr } = await run(fileURLToPath(new URL("fixtures/unguarded.mjs", import.meta.url)));
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(JSON.parse(stdout)).toEqual({
    name: "BootstrapError",
    code: "ERR_BOOTSTRAP",
    message: expect.stringContaining("if (isMain(import.meta))"),
  });
});
