/** What a child runs and what it is given. */
import { Pipe } from "@cordage/ipc";
import { getContext, Process } from "@cordage/process";
import { describe, expect, test } from "@jest/globals";
import { fixturePath, methods, reports, run } from "../support/program.js";

describe.each(methods)("with start method %s", (method) => {
  // 5 _TestProcess.test_args_argument
  test("arguments of every kind arrive, in any iterable, shared objects and connections included", async () => {
    const [right, queue, code] = await reports("arguments.mjs", method);
    expect([right, queue, code]).toEqual([Array(13).fill(true), ["through the child", ["key"]], 0]);
  });

  test("hundreds of connections may be among the arguments; too many are refused, and stay as they were", async () => {
    const refusal = expect.stringMatching(
      /^CodecError ERR_NOT_SERIALIZABLE: cannot encode \$\.args\[0\]\[240\].*: one message carries 240/,
    );
    const first = method === "fork" ? "started" : refusal;
    expect(await reports("many-connections.mjs", method)).toEqual([first, "second", [0, true]]);
  });

  test("a start does not need the current directory to be there; where Node's workers do, they say so", async () => {
    const { code, stdout, stderr } = await run("directory-gone.mjs", method);
    const lines = stdout.trimEnd().split("\n");
    expect([code, ...lines.slice(0, 4)]).toEqual([0, "true", "0", "true", "0"]);
    if (method === "thread") expect(stderr).toMatch(/^Process \w+-3:\nError: ENOENT: .*uv_cwd/);
    else expect([lines.at(-1), stderr]).toEqual(["0", ""]);
  });

  // 30 _TestSubclassingProcess.test_subclassing
  test("a subclass runs its own `run` with the state that its object had", async () => {
    const rest = [1, "Upper", true, "Upper"];
    expect(await reports("subclass.mjs", method)).toEqual([["HELLO", ...rest], ["WORLD", ...rest], "the end", 0]);
  });

  // 186 TestStdinBadfiledescriptor.test_queue_in_process, 214 TestStartMethod.test_nested_startmethod
  test("a child passes on to its own child what it was given", async () => {
    expect(await reports("passes-on.mjs", method)).toEqual([[1, 2, "from the grandchild"], "EOFError", 0]);
  });

  test("a child collects its garbage, however much", async () => {
    expect(await reports("garbage.mjs", method)).toEqual([0]);
  });

  test("a process object serves the process that made it, no other", async () => {
    const copied = method === "fork";
    expect(await reports("elsewhere.mjs", method)).toEqual([...Array(3).fill(copied ? "ERR_NOT_PARENT" : "fine"), 0]);
  });

  // 200 TestNoForkBomb.test_noforkbomb
  test("a main module without a guard starts no process in the child, which says how to guard it", async () => {
    const { code, stdout, stderr } = await run("unguarded.mjs", method);
    expect(code).toBe(0);
    if (method === "fork") expect([stdout, stderr]).toEqual(["123\n0\n", ""]);
    else expect(stdout).toBe("1\n");
    if (method !== "fork")
      expect(stderr).toMatch(/^Process \w+-1:\nBootstrapError: .*importing its main module.*isMain\(import\.meta\)/);
  });

  test("a target given as a URL is found, or the child says what it looked for", async () => {
    const targets = ["reachable", "missing", "noExport"];
    const all = await Promise.all(targets.map((target) => run("url-target.mjs", method, { args: [target] })));
    expect(all.map(({ code }) => code)).toEqual([0, 1, 1]);
    expect(all.map(({ stdout }) => stdout)).toEqual(["reached with 7\n", "", ""]);
    expect(all[1]!.stderr).toMatch(/cannot find function f in file:.*no-such-module\.mjs: importing the module failed/);
    expect(all[2]!.stderr).toMatch(/cannot find function nobody in .*url-target-functions\.mjs: .*export it/);
  });
});

describe.each(methods.filter((method) => method !== "fork"))("with start method %s", (method) => {
  // Not with fork: see the README.
  test("a child may have threads, which end by themselves, whatever it did before", async () => {
    expect(await reports("worker-threads.mjs", method)).toEqual([
      42,
      [3, 2001, "after beforeExit"],
      "from a thread",
      0,
      0,
    ]);
  });

  test.each(["hidden", "arrow"])("a target that is not exported (%s) is named, with the remedy", async (kind) => {
    const { code, stdout, stderr } = await run("unfindable.mjs", method, { args: [kind] });
    expect([code, stdout]).toEqual([0, "exit code 1\n"]);
    expect(stderr).toContain(`cannot find function ${kind} in file://`);
    expect(stderr).toMatch(
      /unfindable\.mjs: the module does not export it; export it from a module, or name it with task/,
    );
  });

  test("a target that no module can export is refused by start()", async () => {
    expect(await reports("unfindable.mjs", method, { args: ["bound"] })).toEqual([
      expect.stringMatching(/^ERR_NOT_SERIALIZABLE cannot .*bound hidden: it is native or bound/),
    ]);
  });

  // The functions are those of a jest realm, which is not the one that our own modules live in.
  test("a target that a test runner imported runs", async () => {
    const { double } = await import(fixturePath("double.mjs"));
    const [ours, theirs] = Pipe();
    const p = new (getContext(method).Process)({ target: double, args: [theirs, Uint32Array.of(21)] });
    p.start();
    theirs.close();
    expect(await ours.recv()).toEqual(Uint32Array.of(42));
    await p.join();
    expect(p.exitcode).toBe(0);
    p.close();
    ours.close();
  });
});

test("a process is refused what makes no sense, with the reason", () => {
  const refused = (options: unknown) => () => new Process(options as object);
  const type = expect.objectContaining({ code: "ERR_INVALID_ARG_TYPE", name: "TypeError" });
  for (const options of [null, () => 1, { group: 1 }, { target: "f" }, { args: 5 }, { args: "abc" }, { kwargs: 5 }])
    expect(refused(options)).toThrow(type);
  expect(refused({ name: 5 })).toThrow(type);
  expect(() => {
    new Process().name = 5 as unknown as string;
  }).toThrow(type);
});

// 180 TestBaseProcessKwargs.test_default_kwargs_not_shared_between_instances
test("two processes share no default arguments", () => {
  const [one, other] = [new Process(), new Process()];
  expect(one.name).not.toBe(other.name);
  expect(one.authkey.equals(other.authkey)).toBe(true);
  one.authkey = Buffer.from("mine");
  expect(one.authkey.equals(other.authkey)).toBe(false);
});
