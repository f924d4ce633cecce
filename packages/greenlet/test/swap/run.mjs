// Builds main.cc and runs it: `node run.mjs native|arm64 [seed]`. For arm64 with Debian's cross compiler, under qemu's user emulation,
// or not at all, which it says, where they are missing.
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const SOURCES = ["main.cc", "hold.S", "../../native/swap.cc", "../../native/swap-x64.S", "../../native/swap-arm64.S"];
const FLAGS = ["-std=c++20", "-O2", "-g", "-Wall", "-Wextra", "-Werror", "-fno-exceptions", "-D_GNU_SOURCE"];
const PLATFORMS = {
  native: { compiler: process.env.CXX || "g++", flags: [], emulator: [] },
  // What protects branches is what distributions build with.
  arm64: {
    compiler: "aarch64-linux-gnu-g++",
    flags: ["-static", "-march=armv8.5-a", "-mbranch-protection=standard"],
    emulator: ["qemu-aarch64", "-cpu", "max"],
  },
};

const here = fileURLToPath(new URL(".", import.meta.url));
const sources = [...SOURCES, "../../native/slabs.cc"].map((file) => path.join(here, file));
const [name = "native", seed = String(Date.now())] = process.argv.slice(2);
const { compiler, flags, emulator } = PLATFORMS[name];

const missing = [compiler, ...emulator.slice(0, 1)].filter((tool) => spawnSync(tool, ["--version"]).error);

function run(command, args) {
  const { status, signal, error } = spawnSync(command, args, { stdio: "inherit" });
  if (status !== 0) throw new Error(`${command} ended with ${error?.message ?? signal ?? status}`);
}

function test() {
  const folder = mkdtempSync(path.join(tmpdir(), "cordage-swap-"));
  const program = path.join(folder, "swap");
  try {
    run(compiler, [...FLAGS, ...flags, ...sources, "-o", program]);
    const [command, ...args] = [...emulator, program, seed];
    run(command, args);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

if (missing.length > 0 && name !== "native") {
  console.log(`skipped: no ${missing.join(", no ")} here (Debian: g++-aarch64-linux-gnu, qemu-user)`);
} else {
  console.log(`seed ${seed}`);
  test();
}
