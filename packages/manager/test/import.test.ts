import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { expect, test } from "@jest/globals";

const cwd = fileURLToPath(new URL("..", import.meta.url));

function evaluate(type: string, code: string): unknown[] {
  const args = ["--disable-warning=ExperimentalWarning", `--input-type=${type}`, "--eval", code];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd, encoding: "utf8" });
  return [status, stdout, stderr];
}

test.each([
  ["an ES module", "module", 'import "@cordage/manager"'],
  ["a CommonJS module", "commonjs", 'require("@cordage/manager")'],
])("%s that only imports the package ends by itself and prints nothing", (_, type, code) => {
  expect(evaluate(type, code)).toEqual([0, "", ""]);
});

test("what only some programs need is not loaded with the package", () => {
  const code = `
    const before = new Set(process.moduleLoadList);
    await import("@cordage/manager");
    const loaded = process.moduleLoadList.filter((name) => !before.has(name)).map((name) => name.split(" ").at(-1));
    const dear = ["child_process", "crypto", "net", "stream", "tls", "worker_threads"];
    process.stdout.write(loaded.filter((name) => dear.includes(name)).join());`;
  expect(evaluate("module", code)).toEqual([0, "", ""]);
});

test("a pool's errors can be received without the pool, and are the pool's own", () => {
  const code = `
    await import("@cordage/manager");
    const { WorkerDiedError } = await import("@cordage/pool/errors");
    const pool = await import("@cordage/pool");
    process.stdout.write(String(WorkerDiedError === pool.WorkerDiedError));`;
  expect(evaluate("module", code)).toEqual([0, "true", ""]);
});

test("a server that would start a manager, and so on, by importing the module of a factory says so", () => {
  const { status, stderr } = spawnSync(process.execPath, ["test/fixtures/unguarded.mjs"], { cwd, encoding: "utf8" });
  expect(status).toBe(1);
  expect(stderr).toMatch(/BootstrapError: cannot start a manager: .* Guard .*isMain\(import\.meta\)/);
});
