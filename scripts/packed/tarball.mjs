// What is in a package's tarball, and whether it is well made.
import path from "node:path";
import { packageManager, root } from "../workspace.mjs";
import { run } from "./run.mjs";

const pnpm = (args, cwd) => run("npx", ["--yes", packageManager, ...args], { cwd });

/** Packs the package as a release would; returns the tarball's path. */
export function pack(folder, destination) {
  const { stdout, problem } = pnpm(["pack", "--json", "--pack-destination", destination], path.join(root, folder));
  if (problem) throw new Error(`cannot pack ${folder}: ${problem}`);
  return JSON.parse(stdout.slice(stdout.indexOf("{"))).filename;
}

const required = ["package.json", "README.md", "LICENSE", "dist/index.js", "dist/index.d.ts"];
const unwanted = /(^|\/)(tests?|fixtures|bench|build|node_modules|\.[^/]*)(\/|$)|\.test\.|\.tsbuildinfo$|\.o$/;

/** What is missing in the tarball or has no business there. */
export function leaked(tarball) {
  const files = run("tar", ["-tzf", tarball]).stdout.trim().split("\n");
  const names = files.map((file) => file.replace(/^package\//, ""));
  const missing = required.filter((name) => !names.includes(name));
  const extra = names.filter((name) => unwanted.test(name));
  if (missing.length > 0) return `it lacks ${missing.join(", ")}`;
  return extra.length > 0 ? `it should not have ${extra.join(", ")}` : undefined;
}

export const lintPackage = (tarball) => pnpm(["exec", "publint", "--strict", tarball], root).problem;

/** ES modules only: a require() of them works on every Node that is supported. */
export const typesProblem = (tarball) => pnpm(["exec", "attw", tarball, "--profile", "esm-only"], root).problem;
