import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "@jest/globals";
import { catalogue } from "../dist/catalogue.js";
import type { Program } from "../dist/program.js";

const pictures = mkdtempSync(path.join(tmpdir(), "cordage-examples-"));
afterAll(() => rmSync(pictures, { recursive: true }));

const at = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** A Python that has what the original imports: the system's own may have more than the first one of the PATH. */
function pythonFor(name: string): string | undefined {
  const source = readFileSync(at(`../python/${name}.py`), "utf8");
  const imports = [...source.matchAll(/^(?:from|import) (\w+)/gm)].map(([, module]) => `import ${module}`);
  return ["python3", "/usr/bin/python3"].find((one) => spawnSync(one, ["-c", imports.join("\n")]).status === 0);
}

/** What the Python original prints; the judge must find it right, or it judges by something else than the document. */
function python(name: string, executable = "python3") {
  const { PYTHONUNBUFFERED: _, ...env } = process.env;
  const args = [at("./fixtures/terminal.py"), at(`../python/${name}.py`)];
  const { stdout, pid } = spawnSync(executable, args, { encoding: "utf8", env });
  return { lines: stdout.trimEnd().split("\n"), pid, parentPid: process.pid };
}

/** What our own program prints: where the document has none, there is nothing else to judge by. */
function ours({ module }: Program) {
  const env = { ...process.env, CORDAGE_EXAMPLES_OUTPUT: pictures };
  const { stdout, pid } = spawnSync(process.execPath, [fileURLToPath(module)], { encoding: "utf8", env });
  return { lines: stdout.trimEnd().split("\n"), pid, parentPid: process.pid };
}

test.each(catalogue.map((program) => [program.name, program] as const))(
  "%s: what Python prints, or we where there is no original or nothing to run it, is right, and anything else is not",
  (name, program) => {
    const { expectation } = program;
    const executable = program.hasOriginal && !program.originalAsksHosts ? pythonFor(name) : undefined;
    const observed = executable ? python(name, executable) : ours(program);
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

test("a pool of two is wrong with three at a time, with results out of order, and where others run while one computes", () => {
  const program = catalogue.find(({ name }) => name === "4.2.1-eventlet")!;
  const { lines, ...who } = ours(program);
  const judged = (wrong: (line: string) => string) => program.expectation({ ...who, lines: lines.map(wrong) });
  expect(judged((line) => line)).toBeUndefined();
  expect(judged((line) => line.replace("time: 2", "time: 3"))).toMatch(/^it should print "at the same time: 2"/);
  expect(judged((line) => line.replace("computes: 0", "computes: 1"))).toMatch(/this one computes: 0" where/);
  expect(judged((line) => line.replace(/a thread computes: \d+/, "a thread computes: 0"))).toMatch(
    /computes: <number>/,
  );
  const [first, second] = lines.filter((line) => line.includes(" received from "));
  const swapped = (line: string) => (line === first ? second! : line === second ? first! : line);
  expect(judged(swapped)).toMatch(/^it should print "<number> bytes received from /);
}, 15_000);

describe("what chapter 5 counts", () => {
  const judge = (name: string) => {
    const program = catalogue.find((one) => one.name === name)!;
    const { lines, ...who } = ours(program);
    return (wrong: (line: string) => string) => program.expectation({ ...who, lines: lines.map(wrong) });
  };

  test("is wrong where blocking IO makes a call more or does other work", () => {
    const judged = judge("5.1-blocking-io");
    expect(judged((line) => line)).toBeUndefined();
    expect(judged((line) => line.replace("4 recvfrom", "5 recvfrom"))).toMatch(
      /^it should print "system calls: 4 recvfrom" where/,
    );
    expect(judged((line) => line.replace("0 units", "1 units"))).toMatch(
      /^it should print "other work meanwhile: 0 units"/,
    );
  });

  test("is wrong where non-blocking IO works without asking, or a signal-driven reader asks without a signal", () => {
    const polling = judge("5.2-non-blocking-io");
    expect(polling((line) => line.replace(/\d+ units/, "0 units"))).toMatch(
      /^it should ask 4 times, once for each unit/,
    );
    const signalled = judge("5.5-signal-driven-io");
    expect(signalled((line) => line.replace(/\d+ recvfrom/, "99 recvfrom"))).toMatch(
      /^it should find nothing at most once/,
    );
    expect(signalled((line) => line.replace(/heard: \d+/, "heard: 0"))).toMatch(/^it should print "signals heard: /);
  });

  test("is wrong where multiplexing reads without waiting, or the comparison has another count", () => {
    const multiplexed = judge("5.3-io-multiplexing");
    expect(multiplexed((line) => line.replace(/\d+ poll,/, "13 poll,"))).toMatch(
      /^it should print "system calls: <4 to 12> poll/,
    );
    const compared = judge("5.5-comparison");
    expect(compared((line) => line.replace("4 epoll_wait, 4 recvfrom", "4 recvfrom"))).toMatch(
      /"IO multiplexing \(epoll_wait\) /,
    );
  });

  test("is right without asynchronous IO where the kernel has none, and says so", () => {
    const none = "asynchronous IO: not shown, because this kernel has no io_uring";
    const { expectation } = catalogue.find(({ name }) => name === "5.4-asynchronous-io")!;
    expect(expectation({ lines: [none], pid: 1, parentPid: 1 })).toBeUndefined();
    expect(expectation({ lines: [none, "more"], pid: 1, parentPid: 1 })).toBe('it should not print "more"');
    const compared = judge("5.5-comparison");
    expect(compared((line) => (line.startsWith("asynchronous IO") ? none : line))).toBeUndefined();
  });

  test("is wrong where a byte of three clients is missing, or more fits into a smaller buffer", () => {
    const judged = judge("5.3-three-clients");
    expect(judged((line) => line.replace("received, the same", "received, others"))).toMatch(
      /^it should print "client 1: <number>/,
    );
    expect(judged((line) => line.replace(/^ {2}\d+( are in its own)/, "  5$1"))).toMatch(
      /^more should fit into larger send/,
    );
  });
});
