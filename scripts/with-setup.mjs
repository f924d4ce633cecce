// `npm start` and `npm test` come through here: set up what is missing, then run what was asked.
// Plain JavaScript without dependencies, because it runs before anything is installed.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { nodeHeaders } from "./node-headers.mjs";

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const stampFile = path.join(root, "node_modules", ".cordage-setup");
const { packageManager } = JSON.parse(readFileSync(path.join(root, "package.json"), "utf8"));

const headers = nodeHeaders();
const env = {
  ...process.env,
  TURBO_TELEMETRY_DISABLED: "1",
  DO_NOT_TRACK: "1",
  TURBO_NO_UPDATE_NOTIFIER: "1",
  CORDAGE_NODE_VERSION: process.version,
  ...(headers && { npm_config_nodedir: headers }),
};

/** Runs a command with our environment; ends this process with its status when it fails. */
function run(command, args, options = {}) {
  const { status, signal, error } = spawnSync(command, args, { cwd: root, stdio: "inherit", env, ...options });
  if (error) console.error(`cannot run ${command}: ${error.message}`);
  if (status !== 0) process.exit(status ?? (signal ? 1 : 2));
}

function pnpm(args, options) {
  run("npx", ["--yes", packageManager, ...args], options);
}

/** What an installation depends on: the lockfile, every manifest, and where the headers are. */
function installationKey() {
  const manifests = ["packages", "apps"].flatMap((folder) =>
    readdirSync(path.join(root, folder)).map((name) => path.join(folder, name, "package.json")),
  );
  const hash = createHash("sha256").update(`${process.platform} ${process.arch}`);
  for (const file of ["pnpm-lock.yaml", "pnpm-workspace.yaml", "package.json", ...manifests.sort()]) {
    const full = path.join(root, file);
    if (existsSync(full)) hash.update(file).update(readFileSync(full));
  }
  return hash.digest("hex");
}

function installOnce() {
  const key = installationKey();
  if (existsSync(stampFile) && readFileSync(stampFile, "utf8") === key) return;
  pnpm(["install", "--frozen-lockfile"]);
  writeFileSync(stampFile, key);
}

const [what, ...args] = process.argv.slice(2);
installOnce();
// turbo decides what is stale; what is fresh comes from its cache in milliseconds.
const quiet = what === "start" ? ["--output-logs=errors-only", "--log-prefix=none"] : ["--output-logs=errors-only"];
pnpm(["exec", "turbo", "run", "build", ...quiet], what === "start" ? { stdio: ["ignore", "ignore", "inherit"] } : {});
if (what === "start") run(process.execPath, [path.join(root, "apps/examples/dist/main.js"), ...args]);
if (what === "test") run(process.execPath, [path.join(root, "scripts/test.mjs"), ...args]);
