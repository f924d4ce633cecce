// What the scripts know of the workspace: where it is, what is in it, and the environment that its tools get.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { nodeHeaders } from "./node-headers.mjs";

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");

/** The manifest of a folder of the workspace; the root's by default. */
export const manifest = (folder = ".") => JSON.parse(readFileSync(path.join(root, folder, "package.json"), "utf8"));

/** "pnpm@x.y.z", as npx understands it. */
export const { packageManager } = manifest();

/** The folders of the workspace's packages, relative to the root, in order. */
export function projects() {
  return ["packages", "apps", "tools"]
    .flatMap((folder) => readdirSync(path.join(root, folder)).map((name) => path.join(folder, name)))
    .filter((folder) => existsSync(path.join(root, folder, "package.json")))
    .sort();
}

const headers = nodeHeaders();

/** For every tool: no telemetry, the headers of this Node, and what turbo's caches must tell apart. */
export const environment = {
  ...process.env,
  TURBO_TELEMETRY_DISABLED: "1",
  DO_NOT_TRACK: "1",
  TURBO_NO_UPDATE_NOTIFIER: "1",
  CORDAGE_NODE_VERSION: process.version,
  CORDAGE_PLATFORM: `${process.platform}-${process.arch}`,
  ...(headers && { npm_config_nodedir: headers }),
};
