import { execFile } from "node:child_process";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { CodecError, registerClass, task } from "@cordage/ipc";
import { decode, encode, referenceOf, resolveReference, resolveReferences } from "@cordage/ipc/sys";
import { describe, expect, jest, test } from "@jest/globals";
import * as fixture from "./fixtures/functions.mjs";
import * as hidden from "./fixtures/hidden-functions.mjs";

// Each starts a process, which takes long on a busy machine.
jest.setTimeout(60_000);

const here = path.dirname(fileURLToPath(import.meta.url));
const commonjs = createRequire(import.meta.url)("./fixtures/functions.cjs");
const functions = { functions: true };

/** Calls the function in a process of its own that shares nothing with this one. */
async function called(fn: Function, ...args: unknown[]): Promise<unknown> {
  const message = encode([fn, ...args], undefined, functions).toString("hex");
  const child = path.join(here, "fixtures/call-function.mjs");
  const { stdout } = await promisify(execFile)(process.execPath, [child, message]);
  return decode(Buffer.from(stdout.trim(), "hex"));
}

describe("a function reaches another process", () => {
  const cases: Array<[string, Function, unknown[], unknown]> = [
    ["exported by its own name", hidden.add, [1, 2], 3],
    ["exported as a constant", fixture.arrow, [1], 2],
    ["exported by another name", fixture.alias, [], "renamed"],
    ["as the default export", fixture.default, [], "default"],
    ["as a static method", fixture.Shape.area, [3], 9],
    ["as a property of an exported object", fixture.api.double, [4], 8],
    ["by the name that task() gave", fixture.named, [5], 25],
    ["as a property of a CommonJS module", commonjs.subtract, [5, 3], 2],
    ["as a static method of a CommonJS class", commonjs.Counter.zero, [], 0],
    ["that every realm has", Math.max, [1, 3, 2], 3],
    ["of a module of Node", path.posix.basename, ["/a/b"], "b"],
  ];
  test.each(cases)("%s", async (_, fn, args, result) => {
    expect(await called(fn, ...args)).toBe(result);
  });

  test("and so does a class", async () => {
    expect(await called(fixture.Shape)).toBeInstanceOf(fixture.Shape);
  });
});

describe("what cannot be found is an error that says what to do", () => {
  test("a function that is not exported, even if an export has its name", async () => {
    const error = (await called(hidden.local(), 1, 2)) as Error & { code: string };
    expect(error.code).toBe("ERR_FUNCTION_NOT_FOUND");
    expect(error.message).toMatch(/add in file:.*hidden-functions\.mjs.*export it/);
  });

  test("a function that several exports look like", async () => {
    expect(String(await called(hidden.twice))).toMatch(/several exports look like it \(thrice, twice\).*task\(/);
  });

  test("a module that is not there", async () => {
    const missing = new URL("./fixtures/not-there.mjs#f", import.meta.url);
    await expect(resolveReference(missing)).rejects.toMatchObject({ code: "ERR_FUNCTION_NOT_FOUND" });
  });

  test.each([
    ["bound", hidden.add.bind(null)],
    ["native", Object.getOwnPropertyDescriptor(Map.prototype, "size")!.get!],
    ["evaluated", new Function("return 1")],
  ])("a %s function is refused by the sender, with its path", (_, fn) => {
    expect(() => encode({ list: [fn] }, undefined, functions)).toThrow(
      expect.objectContaining({ name: "CodecError", code: "ERR_NOT_SERIALIZABLE", path: "$.list[0]" }),
    );
  });

  test("a function of a program on the command line is refused by the sender", async () => {
    const program = `
      import { referenceOf } from "@cordage/ipc/sys";
      function f() {}
      try { referenceOf(f); } catch (error) { console.log(error.code, error.message); }`;
    const args = ["--input-type=module", "-e", program];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: here });
    expect(stdout).toMatch(/^ERR_NOT_SERIALIZABLE .*put it into a module/);
  });

  test("an anonymous function of an ES module is refused by the sender", () => {
    const reference = () => referenceOf(hidden.anonymous[0]!);
    expect(reference).toThrow(/anonymous function.*no name.*task/);
  });
});

describe("explicit references", () => {
  const url = (hash: string) => new URL(`./fixtures/functions.mjs${hash}`, import.meta.url);

  test.each([
    ["#arrow", "arrow"],
    ["#Shape.area", "area"],
    ["", "default"],
  ])("a URL with %j names an export", async (hash, name) => {
    expect((await resolveReference(url(hash))).name).toBe(name);
    expect(await resolveReference(referenceOf(url(hash)))).toBe(await resolveReference(url(hash)));
  });

  test("a task has one name and a name one task", () => {
    const mine = task("test.mine", () => 1);
    expect(task("test.mine", mine)).toBe(mine);
    expect(referenceOf(mine)).toMatchObject({ name: "test.mine", task: true, url: expect.stringMatching(/^file:/) });
    expect(() => task("test.mine", () => 2)).toThrow(expect.objectContaining({ code: "ERR_TASK_REGISTERED" }));
    expect(() => task("", () => 2)).toThrow(TypeError);
  });
});

describe("who may send functions", () => {
  const bytes = encode([hidden.add], undefined, functions);

  test("nobody, unless both sides say so", async () => {
    expect(() => encode([hidden.add])).toThrow(expect.objectContaining({ code: "ERR_NOT_SERIALIZABLE", path: "$[0]" }));
    await resolveReferences(bytes);
    expect(() => decode(bytes)).toThrow(expect.objectContaining({ code: "ERR_BAD_MESSAGE" }));
  });

  test("decoding never imports, it asks for resolveReferences first", async () => {
    const global = encode([Math.hypot], undefined, functions);
    expect(() => decode(global, undefined, functions)).toThrow(CodecError);
    await resolveReferences(global);
    expect(decode(global, undefined, functions)).toEqual([Math.hypot]);
    expect(resolveReferences(global)).toBeUndefined();
    expect(resolveReferences(encode({ plain: true }))).toBeUndefined();
  });

  test("a function that arrived can be sent on", async () => {
    await resolveReferences(bytes);
    const [fn] = decode(bytes, undefined, functions) as [Function];
    expect(await called(fn, 2, 3)).toBe(5);
  });
});

test("a registered class is a value and a reference at once", async () => {
  expect(() => registerClass(fixture.Shape)).not.toThrow();
  expect(referenceOf(fixture.Shape)).toMatchObject({ name: "Shape" });
});
