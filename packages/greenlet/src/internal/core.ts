/** What a greenlet is inside: apart from the class, so that no subclass can disturb it. */
import type { AsyncResource } from "node:async_hooks";
import type { Greenlet, Run } from "../greenlet.js";
import type { FiberHandle } from "./native.js";

export type Life = "unstarted" | "active" | "dead";

/** INVARIANT: the main core is active; every other one has a parent, and nobody is his own ancestor: each search upwards ends. */
export interface Core {
  readonly owner: Greenlet;
  /** Its stack, while it is active. */
  fiber: FiberHandle | undefined;
  /** Of its stack: the native edge says who runs. */
  number: number;
  /** What it runs in, asynchronously seen. */
  readonly context: AsyncResource | undefined;
  parent: Core | undefined;
  life: Life;
  /** What it was given to run, until it starts. */
  run: Run | undefined;
  /** From the moment in which it has a stack until it runs there. */
  starting: Run | undefined;
  /** Whether that was found in a subclass, rather than given. */
  method: boolean;
}
