// Every command of the root package.json comes through here: set up what is missing, then do what was asked.
// Plain JavaScript without dependencies, because it runs before anything is installed.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { environment, packageManager, projects, root } from "./workspace.mjs";

const stampFile = path.join(root, "node_modules", ".cordage-setup");

/** Runs a command with our environment; ends this process with its status when it fails. */
function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: "inherit", env: environment, ...options });
  if (error) console.error(`cannot run ${command}: ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
}

/** The pinned pnpm, through npx: nothing global is needed, and turbo finds this very pnpm on its PATH. */
function pnpm(args, options) {
  run("npx", ["--yes", packageManager, ...args], options);
}

function turbo(args, options) {
  pnpm(["exec", "turbo", "run", ...args], options);
}

/**
 * What an installation depends on: the system, the lockfile, every manifest. Not the version of Node: turbo builds
 * those native edges that depend on it.
 */
function installationKey() {
  const hash = createHash("sha256").update(`${process.platform} ${process.arch}`);
  const manifests = projects().map((folder) => path.join(folder, "package.json"));
  for (const file of ["pnpm-lock.yaml", "pnpm-workspace.yaml", "package.json", ".npmrc", ...manifests]) {
    hash.update(file).update(readFileSync(path.join(root, file)));
  }
  return hash.digest("hex");
}

function installOnce() {
  const key = installationKey();
  if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === key) return;
  // stdout belongs to the command that was asked for.
  pnpm(["install", "--frozen-lockfile"], { stdio: ["ignore", 2, 2] });
  writeFileSync(stampFile, key);
}

/** turbo decides what is stale; what is fresh comes from its cache in milliseconds. */
function build() {
  turbo(["build", "--output-logs=errors-only", "--log-order=grouped"], { stdio: ["ignore", 2, 2] });
}

const script = (name) => path.join(root, "scripts", name);
const actions = {
  setup: () => build(),
  build: (args) => turbo(["build", ...args]),
  start: (args) => {
    build();
    run(process.execPath, [path.join(root, "apps/examples/dist/main.js"), ...args]);
  },
  test: (args) => run(process.execPath, [script("test.mjs"), ...args]),
  lint: (args) => {
    pnpm(["exec", "biome", "check", "--error-on-warnings", "."]);
    turbo(["lint", ...args]);
  },
  format: () => pnpm(["exec", "biome", "check", "--write", "."]),
  bench: (args) => {
    build();
    turbo(["bench", "--concurrency=1", ...(args.length > 0 ? ["--", ...args] : [])]);
  },
  "test:nodes": (args) => run(process.execPath, [script("test-nodes.mjs"), ...args]),
  "test:packed": (args) => {
    build();
    run(process.execPath, [script("test-packed.mjs"), ...args]);
  },
};

const [what, ...args] = process.argv.slice(2);
if (!Object.hasOwn(actions, what ?? "")) {
  console.error(`cannot do ${what}: known are ${Object.keys(actions).join(", ")}`);
  process.exit(2);
}
installOnce();
actions[what](args);
