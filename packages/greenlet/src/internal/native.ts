/** The one file that loads the native edge. */
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { GreenletError } from "../errors.js";
import type { AsyncWrap } from "./async-wrap.js";
import type { Core } from "./core.js";

declare const opaque: unique symbol;
/** A stack, seen from JavaScript. */
export interface FiberHandle {
  readonly [opaque]: string;
  /**
   * Returns when somebody switches back: whether JavaScript was unwound on the other fiber, and `unwind` is to go on with that here. What is
   * `kept` is put back before that.
   */
  switchTo(kept: Kept | undefined): boolean;
  /** Whose it is, while it has a stack. */
  core?: Core | undefined;
}

/** What is put back where Node has its asynchronous executions: ids in `async_ids_stack`, resources in `execution_async_resources`. */
export type Kept = [wrap: AsyncWrap, ids: number[], resources: object[]];

/** Where V8 keeps requests to stop JavaScript: offsets of their mutex and their flags in an isolate. */
export type Requests = [mutex: number, flags: number];

export type EngineName = "stack" | "threads";

export type Unfound = "requests" | "stackLimit";

/** The edge of one copy of this package in one thread. Copies know nothing of each other, and their fibers may run on each other's. */
export interface Native {
  create(): FiberHandle;
  /** Gives a fiber without one a stack, and a number from 1 up. Throws ERR_MEMORY_ALLOCATION_FAILED. */
  prepare(fiber: FiberHandle, number: number): void;
  unwind(): void;
  /** That of the running stack's greenlet; undefined if nobody has it any more. */
  ownFiber(): FiberHandle | undefined;
  /** That of whoever has opened the edge. */
  mainFiber(): FiberHandle;
  /** That whose number is in the array of `open`. */
  runningFiber(): FiberHandle | undefined;
  /** Fibers with stacks, the main one aside, parked ones that nobody can reach, bytes of address space for stacks. */
  statistics(): [fibers: number, lost: number, mapped: number];
  /** Undefined where they were not found, or not looked for. */
  readonly requests: Requests | undefined;
  /** What this V8 keeps elsewhere than those that are known. */
  readonly unfound: Unfound[];
}

interface Addon {
  /**
   * `body` runs on each new stack, and says who is next; once more, if it was unwound. `running` has one element: the number of the fiber that
   * runs, 0 for the main one. On a Node that is not known, nothing is written where V8 and Node do not promise what is there.
   * Requests are looked for unless they are known. `makeHandle` makes and keeps an object with an asynchronous handle of libuv's, which Node
   * closes at the end of the thread, and nobody before. The reason, where the engine cannot work.
   */
  open(
    engine: EngineName,
    stackSize: number,
    body: (unwound: boolean) => FiberHandle,
    running: Int32Array,
    isKnown: boolean,
    requests: Requests | undefined,
    makeHandle: () => void,
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
