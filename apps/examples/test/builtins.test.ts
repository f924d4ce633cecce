import { spawnSync } from "node:child_process";
import { expect, test } from "@jest/globals";
import { ctime } from "../dist/builtins/ctime.js";
import { id } from "../dist/builtins/id.js";

test("print writes values as Python does", () => {
  const python = `print('a', 'b c', [12, 1.5, True, None, "it's", 'say "hi"', {'1': [], 'name': 'yuan'}, {0: 'a\\nb\\\\'}, b'ab \\x00\\xff\\t\\r\\n\\\\', b"it's"])`;
  const node = `import { print } from "${new URL("../dist/builtins/print.js", import.meta.url)}";
    print("a", "b c", [12, 1.5, true, null, "it's", 'say "hi"', { 1: [], name: "yuan" }, new Map([[0, "a\\nb\\\\"]]),
      Buffer.from("ab \\0\\xff\\t\\r\\n\\\\", "latin1"), Buffer.from("it's")])`;
  const theirs = spawnSync("python3", ["-c", python], { encoding: "utf8" });
  const ours = spawnSync(process.execPath, ["--input-type=module", "-e", node], { encoding: "utf8" });
  expect(theirs.stdout).not.toBe("");
  expect(ours.stdout).toBe(theirs.stdout);
});

test("ctime writes a time as Python does, days below ten padded with a space", () => {
  const seconds = [0, 1_765_432_100, 1_764_633_605, 951_782_400];
  const program = "import sys, time\nfor s in sys.argv[1:]: print(time.ctime(int(s)))";
  const { stdout } = spawnSync("python3", ["-c", program, ...seconds.map(String)], { encoding: "utf8" });
  expect(seconds.map((s) => ctime(new Date(s * 1000)))).toEqual(stdout.trimEnd().split("\n"));
});

test("id is one number for one object", () => {
  const a = {};
  expect(id(a)).toBe(id(a));
  expect(id(a)).not.toBe(id({}));
});
