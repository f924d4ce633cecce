/** Who is who: the current process, its parent, its children. */
import { createRequire } from "node:module";
import { availableParallelism } from "node:os";
import { pathToFileURL } from "node:url";
import type { Waitable } from "@cordage/ipc";
import { onMainThread, pollDescriptor, READABLE } from "@cordage/ipc/sys";
import { running } from "./internal/child-process.js";
import { importing } from "./internal/importing.js";
import { self } from "./internal/self.js";
import type { Process } from "./process.js";

/** The process that the caller runs in. */
export interface CurrentProcess {
  readonly name: string;
  readonly daemon: boolean;
  readonly pid: number;
  readonly ident: number;
  authkey: Buffer;
}

const current: CurrentProcess = {
  get name() {
    return self.name;
  },
  get daemon() {
    return self.daemon;
  },
  get pid() {
    return process.pid;
  },
  get ident() {
    return process.pid;
  },
  get authkey() {
    return self.authkey;
  },
  set authkey(key) {
    self.authkey = Buffer.from(key);
  },
};

export function currentProcess(): CurrentProcess {
  return current;
}

/** The parent as a child sees it. */
export interface ParentProcess {
  readonly name: string;
  readonly pid: number;
  readonly ident: number;
  /** Ready once the parent has ended. */
  readonly sentinel: Waitable;
  isAlive(): boolean;
}

/** The process that started this one; undefined in the main program. */
export function parentProcess(): ParentProcess | undefined {
  const { parent } = self;
  if (!parent) return undefined;
  return {
    name: parent.name,
    pid: parent.pid,
    ident: parent.pid,
    sentinel: { fileno: () => parent.life },
    isAlive: () => parent.life < 0 || !pollDescriptor(parent.life, READABLE, 0),
  };
}

/** The children of this process that run now; those that have ended are reaped by the way. A new array each time. */
export function activeChildren(): Process[] {
  return [...running].filter((child) => child.poll() === undefined).map((child) => child.object as Process);
}

/** How many processors this process may use. */
export function cpuCount(): number {
  return availableParallelism();
}

/**
 * Python's `__name__ == '__main__'`: whether the module is the program that was started. False in a child that imports
 * the module to find its target, so what it guards runs once.
 *
 * @example
 * if (isMain(import.meta)) { main(); }
 */
export function isMain(meta: ImportMeta | NodeModule): boolean {
  if (self.parent || importing() || !onMainThread() || process.argv[1] === undefined) return false;
  if ("url" in meta) return meta.url === mainUrl();
  return createRequire(import.meta.url).main === meta;
}

function mainUrl(): string | undefined {
  try {
    // As node finds it: `node program` may run program.js, and `node folder` what its package.json names.
    return pathToFileURL(createRequire(import.meta.url).resolve(process.argv[1]!)).href;
  } catch {
    return undefined;
  }
}
