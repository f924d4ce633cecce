/** The one file that loads the native edge. */
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { GreenletError } from "../errors.js";
import type { Core } from "./core.js";

declare const opaque: unique symbol;
/** A stack, seen from JavaScript. */
export interface FiberHandle {
  readonly [opaque]: string;
  /** Returns when somebody switches back: whether JavaScript was unwound on the other fiber, and `unwind` is to go on with that here. */
  switchTo(): boolean;
  /** Whose it is, while it has a stack. */
  core?: Core | undefined;
}

export type EngineName = "stack" | "threads";

export type Unfound = "requests" | "stackLimit";

/** The edge of one copy of this package in one thread. Copies know nothing of each other, and their fibers may run on each other's. */
export interface Native {
  create(): FiberHandle;
  /** Gives a fiber without one a stack. Throws ERR_MEMORY_ALLOCATION_FAILED. */
  prepare(fiber: FiberHandle): void;
  unwind(): void;
  /** That of the running stack's greenlet; undefined if nobody has it any more. */
  ownFiber(): FiberHandle | undefined;
  /** That of whoever has opened the edge. */
  mainFiber(): FiberHandle;
  /** Fibers with stacks, the main one aside, parked ones that nobody can reach, bytes of address space for stacks. */
  statistics(): [fibers: number, lost: number, mapped: number];
  /** Has the end of the thread's environment come to the edge before it comes to what has been loaded by now. */
  becomeLast(): void;
  /** What this V8 keeps elsewhere than those that are known. */
  readonly unfound: Unfound[];
}

interface Addon {
  /**
   * `body` runs on each new stack, and says who is next. On a Node that is not known, nothing is written where V8 and Node do not promise what is there.
   * The reason, where the engine cannot work.
   */
  open(
    engine: EngineName,
    stackSize: number,
    body: () => FiberHandle,
    terminated: Int32Array,
    isKnown: boolean,
  ): Native | string;
}

const root = fileURLToPath(new URL("..", import.meta.url));
/** It is built against V8 itself, so that each binary interface of Node has its own, side by side. */
export const addonFile = `${root}build/Release/cordage_greenlet_${process.versions.modules}.node`;
export const selfTestFile = `${root}scripts/self-test.cjs`;

/** @throws {GreenletError} ERR_UNSUPPORTED_PLATFORM */
export function loadNative(): Addon {
  if (process.platform !== "linux")
    throw unsupported(`there is no native edge for ${process.platform}, only for Linux`);
  try {
    return createRequire(import.meta.url)(addonFile) as Addon;
  } catch (error) {
    const advice =
      "build it for this Node with `npm rebuild @cordage/greenlet`, which needs python3, make and a C++ compiler";
    throw unsupported(`the native edge does not load in Node ${process.version}; ${advice}`, error);
  }
}

function unsupported(reason: string, cause?: unknown): GreenletError {
  return new GreenletError("ERR_UNSUPPORTED_PLATFORM", `cannot start greenlets: ${reason}`, { cause });
}
