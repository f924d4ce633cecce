/** A copy of the package as it is installed, of which a test may change files. */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));
const PARTS = ["dist", `build/Release/cordage_greenlet_${process.versions.modules}.node`, "scripts/self-test.cjs"];

export interface CopiedPackage {
  folder: string;
  url: string;
  remove(): void;
}

/** Inside of the package, so that its dependencies are found. */
export function copyPackage(): CopiedPackage {
  mkdirSync(path.join(root, "builds"), { recursive: true });
  const folder = mkdtempSync(path.join(root, "builds/copy-"));
  for (const part of PARTS) cpSync(path.join(root, part), path.join(folder, part), { recursive: true });
  // Without its name: jest complains of two packages with one.
  writeFileSync(path.join(folder, "package.json"), '{ "type": "module" }');
  return {
    folder,
    url: `${pathToFileURL(folder)}/dist/index.js`,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
