// Finds the headers of the running Node, so that native code builds without a download.
import { existsSync, realpathSync } from "node:fs";
import path from "node:path";

/** The folder that holds include/node of this Node (what node-gyp calls nodedir), or undefined. */
export function nodeHeaders() {
  const prefix = path.resolve(path.dirname(realpathSync(process.execPath)), "..");
  const candidates = [prefix, process.env.npm_config_nodedir];
  return candidates.find((folder) => folder && existsSync(path.join(folder, "include/node/node_api.h")));
}
