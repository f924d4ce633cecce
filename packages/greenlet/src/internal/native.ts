/** The one file that loads the native edge. */
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

declare const opaque: unique symbol;
/** A stack, seen from JavaScript. */
export interface FiberHandle {
  readonly [opaque]: string;
}

export type EngineName = "stack" | "threads";

/** The edge of one copy of this package in one thread. Copies know nothing of each other, and their fibers may run on each other's. */
export interface Native {
  create(): FiberHandle;
  /** Gives a new fiber its stack. Throws ERR_MEMORY_ALLOCATION_FAILED. */
  prepare(fiber: FiberHandle): void;
  /** Returns when somebody switches back. */
  switchTo(fiber: FiberHandle): void;
  /** That of whoever has opened the edge. */
  mainFiber(): FiberHandle;
  /** Fibers, parked ones that nobody can reach, bytes of address space for stacks. */
  statistics(): [fibers: number, lost: number, mapped: number];
}

interface Addon {
  /** `body` runs on each new stack and returns who is next. The reason, where the engine cannot work. */
  open(engine: EngineName, stackSize: number, body: () => FiberHandle, terminated: Int32Array): Native | string;
}

const root = fileURLToPath(new URL("..", import.meta.url));

export function loadNative(): Addon {
  return createRequire(import.meta.url)(`${root}build/Release/cordage_greenlet.node`) as Addon;
}
