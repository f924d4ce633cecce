// What a bench compares: programs that each print one number, in the bench's unit, as their last line.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const beside = (base, file) => fileURLToPath(new URL(file, base));

/**
 * Contenders whose files are named relative to the bench's own module: `const { node, python, c } = contendersOf(import.meta)`.
 * A label of "cordage..." marks ours: the others' ratios are to the first of them.
 */
export function contendersOf({ url }) {
  return {
    node: (label, file, ...args) => ({ label, command: process.execPath, args: [beside(url, file), ...args] }),
    nodeWith: (label, flags, file, ...args) => ({
      label,
      command: process.execPath,
      args: [...flags, beside(url, file), ...args],
    }),
    python: (label, file, ...args) => ({ label, command: "python3", args: [beside(url, file), ...args] }),
    c: (label, file, ...args) => ({ label, source: beside(url, file), args }),
  };
}

/** Compiles what has to be compiled; returns a function that runs a contender once: its number, or why there is none. */
export function stage(scale) {
  const folder = mkdtempSync(path.join(tmpdir(), "cordage-bench-"));
  const binaries = new Map();
  const env = { ...process.env, BENCH_SCALE: String(scale) };
  const binaryOf = (source) => {
    if (!binaries.has(source)) binaries.set(source, compile(source, path.join(folder, String(binaries.size))));
    return binaries.get(source);
  };
  return {
    run: ({ command, source, args }) => lastNumber(source ? binaryOf(source) : command, args, env),
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function compile(source, binary) {
  const { status, stderr } = spawnSync("cc", ["-O2", "-pthread", "-o", binary, source], { encoding: "utf8" });
  if (status !== 0) throw new Error(`cannot compile ${source}: ${stderr}`);
  return binary;
}

/** Two minutes are more than any contender needs: one that hangs must not stop the others. */
function lastNumber(command, args, env) {
  return new Promise((resolve) => {
    let out = "";
    let err = "";
    const child = spawn(command, args, {
      env,
      stdio: ["ignore", "pipe", "pipe"],
      timeout: 120_000,
      killSignal: "SIGKILL",
    });
    child.stdout.on("data", (data) => (out += data));
    child.stderr.on("data", (data) => (err += data));
    child.on("error", (error) => resolve({ problem: error.message }));
    child.on("close", (status, signal) => {
      const value = Number(out.trim().split("\n").at(-1) || Number.NaN);
      if (status === 0 && Number.isFinite(value)) resolve({ value });
      else resolve({ problem: `ended with ${signal ?? status}: ${reasonIn(err)}` });
    });
  });
}

/** The line of a stack trace that says what happened. */
function reasonIn(text) {
  const lines = text.trim().split("\n");
  return (lines.find((line) => /Error/.test(line)) ?? lines.at(-1) ?? "").trim();
}
