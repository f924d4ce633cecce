/** Node-API addons of one file in C, in a folder of their own: without node-gyp, which takes seconds. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { nodeHeaders } from "../../../../scripts/node-headers.mjs";

export interface BuiltAddon {
  file: string;
  remove(): void;
}

export function buildAddon(source: URL): BuiltAddon {
  const folder = mkdtempSync(path.join(tmpdir(), "cordage-addon-"));
  const file = path.join(folder, "addon.node");
  const args = ["-shared", "-fPIC", `-I${nodeHeaders()}/include/node`, fileURLToPath(source), "-o", file];
  const { status, stderr, error } = spawnSync(process.env.CC || "cc", args, { encoding: "utf8" });
  if (status !== 0) throw error ?? new Error(`the addon cannot be compiled: ${stderr}`);
  return { file, remove: () => rmSync(folder, { recursive: true }) };
}
