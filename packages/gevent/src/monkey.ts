/** Has calls that block the thread block the greenlet instead. */
import { createRequire, syncBuiltinESMExports } from "node:module";
import { invalidType } from "@cordage/ipc/sys";
import { inGreenlet, whileLoading } from "./internal/in-greenlet.js";
import { checkOptions } from "./internal/options.js";
import { patchAtomics } from "./internal/patches/atomics.js";
import { patchCrypto, patchFs, patchZlib } from "./internal/patches/callbacks.js";
import { patchChildProcess } from "./internal/patches/child-process.js";
import { patchCordage } from "./internal/patches/cordage.js";
import type { Patched } from "./internal/patches/patch.js";

/** What is patched: each is true unless it is set to false. */
export interface PatchOptions {
  /** The functions `xSync` of node:fs that have a sibling with a callback; `existsSync`; `realpathSync.native`. */
  fs?: boolean;
  /** `spawnSync`, `execFileSync` and `execSync` of node:child_process. */
  childProcess?: boolean;
  /** The slow functions `xSync` of node:crypto. */
  crypto?: boolean;
  /** The functions `xSync` of node:zlib. */
  zlib?: boolean;
  /** `Atomics.wait`. */
  atomics?: boolean;
  /** Every `xSync` of the `@cordage` packages: locks, queues, connections, processes, pools, managers. */
  cordage?: boolean;
}

type Part = keyof PatchOptions;

const require = createRequire(import.meta.url);
const PARTS: Record<Part, () => Patched[]> = {
  fs: () => [...patchFs(require("node:fs")), ...patchLoader()],
  childProcess: () => patchChildProcess(require("node:child_process")),
  crypto: () => patchCrypto(require("node:crypto")),
  zlib: () => patchZlib(require("node:zlib")),
  atomics: () => patchAtomics(),
  cordage: () => patchCordage(),
};

const patched: Patched[] = [];
let chosen: string | undefined;

/**
 * Within greenlets, calls that block the thread block the greenlet instead: the others go on meanwhile. Elsewhere they are as they were.
 *
 * What is patched is the modules' objects, so that everybody who calls `fs.readFileSync` calls ours; a function that somebody took from CommonJS
 * before (`const { readFileSync } = require("fs")`) stays the old one, an ES import does not. A greenlet that loads a module with `require`
 * blocks the thread as ever, and so does `fs.writeSync` to descriptor 1 or 2, which is how `console` writes to a file. What a function refuses it
 * refuses in its own words. `Condition.waitSync` has its lock again before it throws what interrupts it. `Atomics.wait` keeps the event loop going.
 * A second time it does nothing, and warns if it is asked for something else.
 * @throws {TypeError} ERR_INVALID_ARG_TYPE for an option that there is not, or options that are no object
 *
 * Source: gevent.monkey.patch_all.
 */
export function patchAll(options: PatchOptions = {}): void {
  checkOptions(options, "patch");
  for (const [key, value] of Object.entries(options))
    if (!Object.hasOwn(PARTS, key) || (value !== undefined && typeof value !== "boolean"))
      throw invalidType("patch", `expected ${Object.keys(PARTS).join(", ")}: true or false`, { [key]: value });
  const parts = (Object.keys(PARTS) as Part[]).filter((part) => options[part] !== false);
  if (chosen === undefined) install(parts);
  else warnIfOther(parts.join());
}

function install(parts: Part[]): void {
  chosen = parts.join();
  for (const part of parts) patched.push(...PARTS[part]());
  syncBuiltinESMExports();
}

function warnIfOther(parts: string): void {
  if (parts === chosen) return;
  process.emitWarning(`patchAll was called before, for ${chosen}: nothing was done`, {
    code: "CORDAGE_GEVENT_PATCHED",
  });
}

/**
 * Puts everything back. Greenlets that wait in a patched call go on as they would have. A function that somebody else has replaced meanwhile stays
 * his; ours, which it may call, does what it did before `patchAll`.
 */
export function unpatchAll(): void {
  for (const one of patched.splice(0).reverse()) one.undo();
  chosen = undefined;
  syncBuiltinESMExports();
}

/** Whether something is patched: "fs.readFileSync", "Lock.acquireSync", or a whole module, "fs". Without a name: whether anything is. */
export function isPatched(name?: string): boolean {
  if (name === undefined) return chosen !== undefined;
  return patched.some((one) => one.name === name || one.name.startsWith(`${name}.`));
}

/** The names of all that is patched, in alphabetical order. */
export function patchedNames(): string[] {
  return patched.flatMap(({ name }) => (name ? [name] : [])).sort();
}

/** Whoever requires a module must not find it half loaded by another greenlet. */
function patchLoader(): Patched[] {
  const Module = require("node:module") as { _load?: (...args: unknown[]) => unknown };
  const load = Module._load;
  if (typeof load !== "function") return [];
  const loader = (...args: unknown[]) =>
    inGreenlet() ? whileLoading(() => load.apply(Module, args)) : load.apply(Module, args);
  Module._load = loader;
  return [
    {
      name: "",
      undo: () => {
        if (Module._load === loader) Module._load = load;
      },
    },
  ];
}
