// `npm run stress:asan [-- SECONDS]`: the torture, on both engines, with an addon that the address sanitizer watches. Node itself is not built
// with it, so that it sees what the addon does, and what is done with its memory by functions of the C library.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { nodeHeaders } from "../../../../scripts/node-headers.mjs";

const seconds = process.argv[2] ?? "20";
const root = fileURLToPath(new URL("../..", import.meta.url));
/** Git ignores it; inside of the package, so that its dependencies are found. */
const folder = path.join(root, "builds/asan");
const copy = path.join(folder, "node_modules/@cordage/greenlet");
const addon = `build/Release/cordage_greenlet_${process.versions.modules}.node`;
const compiler = process.env.CXX || "c++";

/** The sanitizer's part that has to be there before anything else is loaded; undefined where the compiler has none. */
function runtime() {
  const { stdout } = spawnSync(compiler, ["-print-file-name=libasan.so"], { encoding: "utf8" });
  const file = stdout?.trim();
  return file && path.isAbsolute(file) && existsSync(file) ? file : undefined;
}

/** As the addon is built, and the sanitizer. */
function build() {
  const [target] = JSON.parse(readFileSync(path.join(root, "binding.gyp"), "utf8")).targets;
  mkdirSync(path.dirname(path.join(copy, addon)), { recursive: true });
  const args = [
    ...["-shared", "-fPIC", "-g", "-fno-omit-frame-pointer", "-fsanitize=address"],
    ...[...target.cflags_cc, ...target.libraries, ...target.defines.map((name) => `-D${name}`)],
    ...[`-I${nodeHeaders()}/include/node`, "-o", path.join(copy, addon)],
    ...target.sources.filter((file) => !file.endsWith(".h")),
  ];
  const { status } = spawnSync(compiler, args, { cwd: root, stdio: "inherit" });
  if (status !== 0) process.exit(1);
}

/** With a name of its own for the folder: a package that a program is part of is found before all others. */
function copyTheRest() {
  writeFileSync(path.join(folder, "package.json"), '{ "type": "module" }');
  for (const part of ["dist", "scripts", "package.json"])
    cpSync(path.join(root, part), path.join(copy, part), { recursive: true });
  cpSync(path.join(root, "test/stress"), path.join(folder, "stress"), { recursive: true });
}

/** Whether nothing was found. */
function torture(engine, preload) {
  const program = path.join(folder, "stress/torture.mjs");
  // Not leaks: what Node and V8 leave to the end of the process is theirs.
  const env = {
    ...process.env,
    LD_PRELOAD: preload,
    ASAN_OPTIONS: "detect_leaks=0:detect_stack_use_after_return=1",
    CORDAGE_GREENLET_ENGINE: engine,
  };
  const { status, signal } = spawnSync(process.execPath, ["--expose-gc", program, seconds], { stdio: "inherit", env });
  console.log(
    `address sanitizer, Node ${process.version}, ${engine} engine: ${status === 0 ? "clean" : `ended with ${status ?? signal}`}`,
  );
  return status === 0;
}

const preload = runtime();
if (!preload) {
  console.log(`skipped: ${compiler} has no libasan.so, the runtime of the address sanitizer (package libasan of gcc)`);
} else {
  rmSync(folder, { recursive: true, force: true });
  build();
  copyTheRest();
  const clean = ["stack", "threads"].map((engine) => torture(engine, preload));
  process.exitCode = clean.every(Boolean) ? 0 : 1;
}
