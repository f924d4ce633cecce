import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { endLeftOver, programsIn } from "@cordage/test-support";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { type CopiedPackage, copyPackage } from "./support/copied-package.js";

const { reports, run } = programsIn(new URL("fixtures/", import.meta.url));
const PROGRAM = "tell-engine.mjs";
const SELF_TEST = "scripts/self-test.cjs";
const ADDON = `build/Release/cordage_greenlet_${process.versions.modules}.node`;
afterAll(endLeftOver);

let copied: CopiedPackage;
let cache: string;
beforeEach(() => {
  copied = copyPackage();
  cache = mkdtempSync(path.join(tmpdir(), "cordage-cache-"));
});
afterEach(() => {
  copied.remove();
  rmSync(cache, { recursive: true, force: true });
});

const inCopy = (file: string) => path.join(copied.folder, file);
const remembered = () => path.join(cache, "cordage-greenlet");

function tell(env: Record<string, string> = {}, ...args: string[]) {
  return reports(PROGRAM, copied.url, { args, env: { CORDAGE_GREENLET_ENGINE: "", XDG_CACHE_HOME: cache, ...env } });
}

/** Says in a file that it ran, and passes. */
function countSelfTests(): () => number {
  const log = inCopy("runs");
  writeFileSync(log, "");
  const program = `require("node:fs").appendFileSync(${JSON.stringify(log)}, "x"); console.log('{ "sum": 482 }');`;
  writeFileSync(inCopy(SELF_TEST), program);
  return () => readFileSync(log, "utf8").length;
}

describe("CORDAGE_GREENLET_ENGINE", () => {
  test.each(["stack", "threads"])("%s is served", async (engine) => {
    expect(await tell({ CORDAGE_GREENLET_ENGINE: engine })).toMatchObject([{ engine }]);
  });

  test("anything else is an error that names both engines", async () => {
    const [error] = await tell({ CORDAGE_GREENLET_ENGINE: "fibers" });
    expect(error).toEqual({
      name: "GreenletError",
      code: "ERR_INVALID_ENGINE",
      message: 'cannot choose the engine: CORDAGE_GREENLET_ENGINE must be "stack" or "threads", received "fibers"',
    });
  });
});

describe("by default", () => {
  test("stacks serve here, where their self-test passes", async () => {
    expect(await tell()).toMatchObject([{ engine: "stack" }]);
  });

  test("the self-test runs once, and its result is a private file", async () => {
    const count = countSelfTests();
    for (let i = 0; i < 3; i++) expect(await tell()).toMatchObject([{ engine: "stack" }]);
    expect(count()).toBe(1);
    const [file] = readdirSync(remembered());
    expect(statSync(remembered()).mode & 0o777).toBe(0o700);
    expect(statSync(path.join(remembered(), file!)).mode & 0o777).toBe(0o600);
  });

  test("another build of the addon is tested anew", async () => {
    const count = countSelfTests();
    await tell();
    utimesSync(inCopy(ADDON), new Date(), new Date(1));
    await tell();
    expect(count()).toBe(2);
  });

  test("what the file says is believed, a failure for a day", async () => {
    const count = countSelfTests();
    await tell();
    const [name] = readdirSync(remembered());
    const write = (text: string) => writeFileSync(path.join(remembered(), name!), text);
    write(JSON.stringify({ passed: false, at: Date.now() }));
    expect(await tell()).toMatchObject([{ engine: "threads" }]);
    write(JSON.stringify({ passed: false, at: Date.now() - 25 * 60 * 60 * 1000 }));
    expect(await tell()).toMatchObject([{ engine: "stack" }]);
    for (const unreadable of ["half a fi", JSON.stringify({ passed: true, at: Date.now(), requests: ["there"] })]) {
      write(unreadable);
      expect(await tell()).toMatchObject([{ engine: "stack" }]);
    }
    expect(count()).toBe(4);
  });

  test("where requests are is in the file, too", async () => {
    await tell();
    const [name] = readdirSync(remembered());
    const { requests } = JSON.parse(readFileSync(path.join(remembered(), name!), "utf8"));
    expect(requests).toEqual([expect.any(Number), expect.any(Number)]);
  });

  test("a folder that others may write to is not believed", async () => {
    const count = countSelfTests();
    await tell();
    const { chmodSync } = await import("node:fs");
    chmodSync(remembered(), 0o777);
    await tell({ HOME: "/dev/null", TMPDIR: "/dev/null" });
    expect(count()).toBe(2);
  });

  test("without a folder the test runs in each process, but not again in its workers", async () => {
    const count = countSelfTests();
    const nowhere = { XDG_CACHE_HOME: "/dev/null", HOME: "/dev/null", TMPDIR: "/dev/null" };
    expect(await tell(nowhere, "worker")).toMatchObject([{ engine: "stack" }, { engine: "stack" }]);
    expect(count()).toBe(1);
    await tell(nowhere);
    expect(count()).toBe(2);
  });

  test("options of this process do not disturb the test", async () => {
    const preload = inCopy("preload.mjs");
    writeFileSync(
      preload,
      `import { engine } from ${JSON.stringify(copied.url)}; console.log(JSON.stringify({ preloaded: engine }));`,
    );
    const env = { NODE_OPTIONS: `--import=${pathToFileURL(preload)}` };
    expect(await tell(env)).toMatchObject([{ preloaded: "stack" }, { engine: "stack" }]);
  });
});

describe("where the self-test", () => {
  test.each([
    ["crashes", "process.kill(process.pid, 'SIGSEGV'); setInterval(() => {}, 1e6);"],
    ["hangs", "for (;;);"],
    ["fails", "console.log(JSON.stringify({ sum: 482 })); process.exitCode = 1;"],
    ["counts something else", "console.log(JSON.stringify({ sum: 481 }));"],
    ["says something else", "console.log('all is well');"],
  ])("%s, threads serve", async (_, program) => {
    writeFileSync(inCopy(SELF_TEST), program);
    expect(await tell()).toMatchObject([{ engine: "threads" }]);
  });
});

describe("where V8 keeps what it has elsewhere", () => {
  const NOTHING = { CORDAGE_GREENLET_FIND_NOTHING: "1" };
  const hasLimit = Number.parseInt(process.versions.v8, 10) >= 14;

  test.each([
    ["by default", "", []],
    ["if they were chosen", "threads", ["GREENLET_REQUESTS"]],
  ])("threads serve %s, and warnings say what was looked for in vain", async (_, chosen, lacking) => {
    const env = { CORDAGE_GREENLET_ENGINE: chosen, XDG_CACHE_HOME: cache, ...NOTHING };
    const { code, stdout, stderr } = await run(PROGRAM, copied.url, { env });
    expect({ code, ...JSON.parse(stdout) }).toMatchObject({ code: 0, engine: "threads" });
    const warnings = stderr.match(/\[GREENLET_\w+\] GreenletWarning: @cordage\/greenlet does not find/g) ?? [];
    expect(warnings.map((text) => /\w+/.exec(text)![0])).toEqual([
      ...lacking,
      ...(hasLimit ? ["GREENLET_STACK_LIMIT"] : []),
    ]);
  });

  test("stacks do not serve, and the error says why", async () => {
    const [error] = await tell({ CORDAGE_GREENLET_ENGINE: "stack", ...NOTHING });
    expect(error).toMatchObject({ code: "ERR_UNSUPPORTED_PLATFORM" });
    expect(error.message).toContain("the stack engine cannot work: V8's id of the running thread was not looked for");
  });
});

describe("the import fails, and says why and what to do,", () => {
  test.each([
    ["without an addon", () => rmSync(inCopy(ADDON))],
    ["with an addon that is none", () => writeFileSync(inCopy(ADDON), "not a library")],
  ])("%s", async (_, spoil) => {
    spoil();
    const [error] = await tell();
    expect(error).toMatchObject({ name: "GreenletError", code: "ERR_UNSUPPORTED_PLATFORM" });
    expect(error.message).toContain("npm rebuild @cordage/greenlet");
  });
});

describe("CORDAGE_GREENLET_STACK_SIZE", () => {
  test.each(["stack", "threads"])("is the size of each stack on the %s engine", async (engine) => {
    const sizes = await Promise.all(
      [256, 1024].map(async (kilobytes) => {
        const size = String(kilobytes * 1024);
        const [report] = await tell({ CORDAGE_GREENLET_ENGINE: engine, CORDAGE_GREENLET_STACK_SIZE: size });
        return report.statistics.stackBytes;
      }),
    );
    expect(sizes[1]).toBe(4 * sizes[0]);
  });

  test.each(["0", "131071", "1073741825", "-1", "1e6", "256K", " 262144"])("%p is out of bounds", async (size) => {
    const [error] = await tell({ CORDAGE_GREENLET_STACK_SIZE: size });
    expect(error).toEqual({
      name: "GreenletError",
      code: "ERR_INVALID_STACK_SIZE",
      message: `cannot give greenlets their stacks: CORDAGE_GREENLET_STACK_SIZE must be 131072 to 1073741824 bytes, received "${size}"`,
    });
  });
});
