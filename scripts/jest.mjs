// Runs jest in the package that it is called from: ES modules need a flag, and the summary wants the counts as JSON.
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";

mkdirSync(".results", { recursive: true });
const jest = createRequire(import.meta.url).resolve("jest/bin/jest");
const flags = ["--experimental-vm-modules", "--disable-warning=ExperimentalWarning"];
const args = [...flags, jest, "--json", "--outputFile=.results/jest.json", ...process.argv.slice(2)];
const { status } = spawnSync(process.execPath, args, { stdio: "inherit" });
process.exit(status ?? 1);
