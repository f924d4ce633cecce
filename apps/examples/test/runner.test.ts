import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Readable } from "node:stream";
import { setImmediate as immediate } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { gone } from "@cordage/test-support";
import { afterAll, expect, test } from "@jest/globals";
import { catalogue } from "../dist/catalogue.js";

const at = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const pictures = mkdtempSync(path.join(tmpdir(), "cordage-examples-"));
afterAll(() => rmSync(pictures, { recursive: true }));

function run(main: string, ...args: string[]) {
  const { NO_COLOR: _, FORCE_COLOR: __, ...rest } = process.env;
  const env = { ...rest, CORDAGE_EXAMPLES_OUTPUT: pictures };
  return spawnSync(process.execPath, [at(main), ...args], { encoding: "utf8", env });
}
const runner = (...args: string[]) => run("./fixtures/runner.mjs", ...args);

test("--list names every program in the document's order and runs none", () => {
  const { status, stdout } = runner("--list");
  expect(status).toBe(0);
  expect(stdout.split("\n").map((line) => line.split(/ {2,}/)[0])).toEqual([
    "1.1-greet",
    "1.2-greet",
    "2-crash",
    "3-hang",
    "4-complain",
    "",
  ]);
});

test("--help says how to use it and exits with 0", () => {
  const { status, stdout } = runner("--help");
  expect(status).toBe(0);
  expect(stdout).toContain("Usage: npm start -- [options] [section...]");
  expect(stdout).toContain("--list");
});

test("a section that does not exist is refused with exit code 2 and the sections that do", () => {
  const { status, stdout, stderr } = runner("9.9");
  expect([status, stdout]).toEqual([2, ""]);
  expect(stderr).toBe("error: cannot run section 9.9: the document has no such program; there are 1.1, 1.2, 2, 3, 4\n");
});

test.each([["--frobnicate"], ["--limit=soon"], ["--limit=0"], ["--limit=-1"]])(
  "%s is refused with exit code 2",
  (option) => {
    const { status, stderr } = runner(option);
    expect(status).toBe(2);
    expect(stderr).toMatch(/^error: /);
  },
);

test("one section runs alone: its title, its output, the verdict", () => {
  const { status, stdout, stderr } = runner("1.1");
  expect([status, stderr]).toEqual([0, ""]);
  expect(stdout).toMatch(
    /^1\.1 a program that greets 1\.1-greet\n {2}\| hello\n {2}right \(\d+\.\d s\)\n\n1 right, 0 wrong\n$/,
  );
});

test("a section means its subsections too, and a wrong program makes the exit code 1", () => {
  const { status, stdout } = runner("1");
  expect(status).toBe(1);
  expect(stdout).toContain("  wrong: it should print good bye");
  expect(stdout).toMatch(/1 right, 1 wrong\n$/);
});

test("a program that fails is wrong even if what it printed is right", () => {
  const { status, stdout } = runner("2");
  expect(status).toBe(1);
  expect(stdout).toContain("| Error: on purpose");
  expect(stdout).toContain("  wrong: it exited with 1; it wrote to stderr");
});

test("a program that writes to stderr is wrong, and what it wrote is shown", () => {
  const { status, stdout } = runner("4-complain");
  expect(status).toBe(1);
  expect(stdout).toContain("  | but\n  wrong: it wrote to stderr");
});

test("a program that hangs is killed with all its children, and the next one runs", () => {
  const { status, stdout } = runner("--limit=3", "3", "4");
  expect(status).toBe(1);
  expect(stdout).toContain("  wrong: it did not end within 3 s and was killed");
  expect(stdout).toContain("| but");
  const pids = pidsIn(stdout)!;
  for (const pid of pids) expect(gone(pid)).toBe(true);
});

test.each([
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)("%s ends the runner with %d, and the program that runs with it", async (signal, code) => {
  const child = spawn(process.execPath, [at("./fixtures/runner.mjs"), "3"], { stdio: ["ignore", "pipe", "inherit"] });
  const pids = await pidsPrinted(child.stdout);
  child.kill(signal);
  const [status] = await once(child, "exit");
  expect(status).toBe(code);
  // They are not our children: only the kernel can say when they are gone.
  while (!pids.every(gone)) await immediate();
});

test("the document's own programs are listed, each with its module and its Python original", () => {
  const { status, stdout } = run("../dist/main.js", "--list");
  expect(status).toBe(0);
  const names = stdout
    .trim()
    .split("\n")
    .filter(Boolean)
    .map((line) => line.split(" ")[0]!);
  for (const name of names) {
    expect(existsSync(at(`../dist/programs/${name}.js`))).toBe(true);
    const { hasOriginal } = catalogue.find((program) => program.name === name)!;
    expect([name, existsSync(at(`../python/${name}.py`))]).toEqual([name, hasOriginal]);
  }
});

test("every program of the document is right", () => {
  const { status, stdout } = run("../dist/main.js");
  expect(stdout).toMatch(/\n[1-9]\d* right, 0 wrong\n$/);
  expect(status).toBe(0);
}, 240_000);

test("where a sandbox forbids io_uring, the programs that would show it say so, and are right", () => {
  const args = [at("./fixtures/without-io-uring.py"), process.execPath, at("../dist/main.js"), "5.4", "5.5-comparison"];
  const env = { ...process.env, CORDAGE_EXAMPLES_OUTPUT: pictures };
  const { status, stdout } = spawnSync("python3", args, { encoding: "utf8", env });
  expect(stdout.match(/asynchronous IO: not shown, because io_uring is forbidden here/g)).toHaveLength(2);
  expect(stdout).toMatch(/\n2 right, 0 wrong\n$/);
  expect(status).toBe(0);
});

function pidsIn(text: string): number[] | undefined {
  return /pids (\d+) (\d+)/.exec(text)?.slice(1).map(Number);
}

async function pidsPrinted(stream: Readable): Promise<number[]> {
  let text = "";
  for await (const chunk of stream.iterator({ destroyOnReturn: false })) {
    text += chunk;
    const pids = pidsIn(text);
    if (pids) return pids;
  }
  throw new Error(`it printed no process ids: ${text}`);
}
