#!/usr/bin/env node
// Builds the native edge of the package in whose folder it runs, where no usable binary is there yet: at install, and (--force)
// when its sources changed. Works offline: the headers are those beside the running Node, unless npm's nodedir names others.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";

const root = process.cwd();
const { name } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));
const force = process.argv.includes("--force");
const require = createRequire(import.meta.url);

/** What was built here, perhaps for another Node, and what came with the package. */
function binaries() {
  const folder = path.join(root, "build/Release");
  const built = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith(".node")) : [];
  return [...built.map((file) => () => require(path.join(folder, file))), () => require("node-gyp-build")(root)];
}

function loads(binary) {
  try {
    binary();
    return true;
  } catch {
    return false;
  }
}

function headers() {
  const prefix = path.resolve(path.dirname(realpathSync(process.execPath)), "..");
  return [prefix, process.env.npm_config_nodedir].find(
    (folder) => folder && existsSync(path.join(folder, "include/node/node_api.h")),
  );
}

/** npm and pnpm name their own node-gyp in this variable; otherwise it is on the PATH. */
function nodeGyp(args) {
  const bundled = process.env.npm_config_node_gyp;
  const options = { cwd: root, stdio: "inherit" };
  return bundled ? spawnSync(process.execPath, [bundled, ...args], options) : spawnSync("node-gyp", args, options);
}

if (process.platform !== "linux") {
  console.log(`${name}: no native edge for ${process.platform}; what needs it will say so when it is called`);
} else if (force || !binaries().some(loads)) {
  const nodedir = headers();
  const args = ["configure", "build", "--release", "--loglevel=error", ...(nodedir ? [`--nodedir=${nodedir}`] : [])];
  const { status, error } = nodeGyp(args);
  if (error) console.error(`${name}: cannot run node-gyp: ${error.message}; install python3, make and a C compiler`);
  process.exit(status ?? 1);
}
