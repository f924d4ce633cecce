/** Contexts: the same names bound to one start method. */
import { ProcessError } from "./errors.js";
import { addBaseClass } from "./internal/base-classes.js";
import type { StartMethod } from "./internal/self.js";
import { checkMethod, defaultMethod, METHODS, methodIsSet, setDefaultMethod } from "./internal/start-method.js";
import { Process } from "./process.js";

export type { StartMethod };

/** What {@link getContext} returns: `context.Process` starts its processes with the context's method. */
export interface Context {
  readonly Process: typeof Process;
  getStartMethod(): StartMethod;
  getContext(method?: StartMethod): Context;
  /** @throws {ProcessError} ERR_START_METHOD_SET always: a context's method is fixed */
  setStartMethod(method: StartMethod, options?: { force?: boolean }): void;
}

class SpawnProcess extends Process {
  static override readonly startMethod = "spawn";
}
class ForkServerProcess extends Process {
  static override readonly startMethod = "forkserver";
}
class ForkProcess extends Process {
  static override readonly startMethod = "fork";
}
class ThreadProcess extends Process {
  static override readonly startMethod = "thread";
}

function fixed(cls: typeof Process, method: StartMethod): Context {
  addBaseClass(cls);
  const context: Context = {
    Process: cls,
    getStartMethod: () => method,
    getContext: (other) => (other === undefined ? context : getContext(other)),
    setStartMethod() {
      throw new ProcessError("ERR_START_METHOD_SET", "cannot set the start method of a context: it is fixed");
    },
  };
  return context;
}

const contexts: Record<StartMethod, Context> = {
  spawn: fixed(SpawnProcess as typeof Process, "spawn"),
  forkserver: fixed(ForkServerProcess as typeof Process, "forkserver"),
  fork: fixed(ForkProcess as typeof Process, "fork"),
  thread: fixed(ThreadProcess as typeof Process, "thread"),
};

/** The context of one start method; without an argument, the one of the default method as it is now. */
export function getContext(method?: StartMethod): Context {
  return contexts[checkMethod(method ?? defaultMethod())];
}

/**
 * Chooses the default start method, once for a program.
 * @throws {ProcessError} ERR_START_METHOD for an unknown one, ERR_START_METHOD_SET the second time without `force`
 */
export function setStartMethod(method: StartMethod | undefined, options: { force?: boolean } = {}): void {
  if (methodIsSet() && !options.force)
    throw new ProcessError(
      "ERR_START_METHOD_SET",
      "cannot set the start method: it was set before; { force: true } overrides",
    );
  setDefaultMethod(method === undefined ? undefined : checkMethod(method));
}

/** The default start method. */
export function getStartMethod(): StartMethod {
  return defaultMethod();
}

/** The start methods of this platform, the default one first. */
export function getAllStartMethods(): StartMethod[] {
  return [...METHODS];
}
