// Builds the native edge where no usable binary is there yet: at install, and (--force) when its sources changed.
// Works offline: the headers are those beside the running Node, unless npm's nodedir names others.
import { spawnSync } from "node:child_process";
import { existsSync, realpathSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { fileURLToPath } from "node:url";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const force = process.argv.includes("--force");

function loads() {
  try {
    createRequire(import.meta.url)("node-gyp-build")(root);
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
  console.log(`@cordage/greenlet: no native edge for ${process.platform}; what needs it will say so when it is called`);
} else if (force || !loads()) {
  const nodedir = headers();
  const args = ["configure", "build", "--release", "--loglevel=error", ...(nodedir ? [`--nodedir=${nodedir}`] : [])];
  const { status, error } = nodeGyp(args);
  if (error)
    console.error(`@cordage/greenlet: cannot run node-gyp: ${error.message}; install python3, make and a C compiler`);
  process.exit(status ?? 1);
}
