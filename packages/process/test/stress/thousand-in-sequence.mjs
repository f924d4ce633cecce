// Starts a thousand processes, one after another, by each start method (or those named), and fails if anything is left of them.
// npm run stress [-- METHOD...]
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { getAllStartMethods } from "@cordage/process";

const TIMES = 1000;
const program = fileURLToPath(new URL("../fixtures/many-in-sequence.mjs", import.meta.url));
const named = process.argv.slice(2);
for (const method of named.length > 0 ? named : getAllStartMethods()) {
  const flags = method === "fork" ? ["--single-threaded", "--v8-pool-size=0"] : [];
  const began = performance.now();
  const { status, stdout } = spawnSync(process.execPath, [...flags, program, method, String(TIMES)], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  const clean = status === 0 && JSON.parse(stdout.split("\n")[0]).every((left) => left === 0);
  console.log(
    `${method}: ${TIMES} in ${seconds} s, descriptors, threads, processes and mappings left: ${stdout.trim() || "it failed"}`,
  );
  if (!clean) process.exitCode = 1;
}
