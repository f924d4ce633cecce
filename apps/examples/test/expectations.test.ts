import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "@jest/globals";
import { catalogue } from "../dist/catalogue.js";

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** What the Python original prints; the judge must find it right, or it judges by something else than the document. */
function python(name: string) {
  const { PYTHONUNBUFFERED: _, ...env } = process.env;
  const args = [at("./fixtures/terminal.py"), at(`../python/${name}.py`)];
  const { stdout, pid } = spawnSync("python3", args, { encoding: "utf8", env });
  return { lines: stdout.trimEnd().split("\n"), pid, parentPid: process.pid };
}

test.each(catalogue.map((program) => [program.name, program] as const))(
  "%s: what Python prints is right, and anything else is not",
  (name, { expectation }) => {
    const observed = python(name);
    expect(expectation(observed)).toBeUndefined();
    const { lines } = observed;
    expect(expectation({ ...observed, lines: [] })).toMatch(/^it should print "/);
    expect(expectation({ ...observed, lines: lines.slice(0, -1) })).toMatch(/^it should print "/);
    expect(expectation({ ...observed, lines: [...lines, "more"] })).toBe('it should not print "more"');
    expect(expectation({ ...observed, lines: lines.map((line) => `~${line}`) })).toMatch(/ where it prints "/);
  },
  15_000,
);

test("a child that names another parent than the main process is wrong", () => {
  const { expectation } = catalogue.find(({ section }) => section === "3.2")!;
  const observed = python("3.2-process-info");
  expect(expectation({ ...observed, pid: observed.pid + 1 })).toMatch(/it should print "process id: /);
  expect(expectation({ ...observed, parentPid: 1 })).toMatch(/it should print "parent process: 1"/);
});

test("a child with its parent's id is wrong", () => {
  const { expectation } = catalogue.find(({ section }) => section === "3.2")!;
  const observed = python("3.2-process-info");
  const lines = observed.lines.map((line) => line.replace(/^process id: .*/, `process id: ${observed.pid}`));
  expect(expectation({ ...observed, lines })).toMatch(/should have three ids/);
});

test("a time that is not of ctime's form is wrong", () => {
  const { expectation } = catalogue[0]!;
  const lines = ["hello alvin:0 Mon Nov 23 05:51:44 2026", "hello alvin:1 Mon Nov 23 5:51:44 2026"];
  expect(expectation({ lines, pid: 1, parentPid: 1 })).toMatch(/"hello alvin:1 <time>" where it prints/);
});

describe("a dict and a list that ten children share", () => {
  const { expectation } = catalogue.find(({ name }) => name === "3.3.3-manager")!;
  const numbers = [7, 1, 0, 2, 3, 4, 5, 6, 8, 9];
  const dict = `{${numbers.map((n) => `'${n}': ${n}`).join(", ")}, 'name': 'alvin'}`;
  const list = `[0, 1, 2, 3, 4, ${numbers.join(", ")}]`;
  const judged = (...lines: string[]) => expectation({ lines, pid: 1, parentPid: 1 });

  test("are right in any order, also with keys that are strings, as a JavaScript object's are", () => {
    expect(judged(dict, list)).toBeUndefined();
  });

  test("are wrong when what a child did is missing, doubled or something else", () => {
    expect(judged(dict.replace("'3': 3, ", ""), list)).toMatch(/^it should print "\{0: 0, /);
    expect(judged(dict.replace("'3': 3", "'3': 4"), list)).toMatch(/^it should print "\{0: 0, /);
    expect(judged(dict.replace("alvin", "egon"), list)).toMatch(/^it should print "\{0: 0, /);
    expect(judged(dict, list.replace(", 9]", "]"))).toMatch(/^it should print "\[0, 1, 2, 3, 4, /);
    expect(judged(dict, list.replace(", 9]", ", 8]"))).toMatch(/^it should print "\[0, 1, 2, 3, 4, /);
    expect(judged(dict, list.replace("[0, 1", "[1, 0"))).toMatch(/^it should print "\[0, 1, 2, 3, 4, /);
  });
});
