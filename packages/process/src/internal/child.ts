/** What every child does, whatever started it: become itself, revive its process object, run it, leave. */
import { inspect } from "node:util";
import { checked, native, onMainThread } from "@cordage/ipc/sys";
import { complain, exitCodeOf, SystemExit } from "../exit.js";
import { reviveBody } from "./body.js";
import { currentDirectory } from "./current-directory.js";
import { ForkedChild } from "./forked-child.js";
import { type Identity, unpackPreparation } from "./preparation.js";
import { becomeChild, self } from "./self.js";
import { setDefaultMethod } from "./start-method.js";

/** Everything that a child's own modules may look at is as it was in the parent. */
function assumeIdentity(p: Identity, life: number): void {
  becomeChild({
    name: p.name,
    daemon: p.daemon,
    authkey: Buffer.from(p.authkey),
    identity: p.identity,
    parent: { ...p.parent, life },
  });
  setDefaultMethod(p.method);
  process.argv = [process.execPath, ...p.argv];
  const main = onMainThread();
  if (main && p.cwd !== undefined && currentDirectory() !== p.cwd) process.chdir(p.cwd);
  showParent(p.parent.pid);
  if (main) native.interruptEnds();
  if (p.daemon && life >= 0) checked(native.endWith(life), "pthread_create", "watch the parent process");
}

/** A fork server's environment is from the time of its start; the child's is the parent's of now. */
export function takeEnvironment(env: Record<string, string | undefined>): void {
  for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
  for (const [name, value] of Object.entries(env)) if (process.env[name] !== value) process.env[name] = value;
}

/** `process.ppid` is the process that called start(), also where the kernel's parent is a fork server. */
function showParent(pid: number): void {
  const real = process.ppid;
  if (real === pid) return;
  Object.defineProperty(process, "ppid", { get: () => pid, configurable: true, enumerable: true });
}

function onUncaught(error: unknown): void {
  if (error instanceof ForkedChild || error instanceof SystemExit) leave(error);
  else if (process.listenerCount("uncaughtException") === 1) leave(error);
}

/** Ends the process for an error that left its target. In a child that an async target forked, its parent's code is left. */
function leave(error: unknown): void {
  if (error instanceof ForkedChild) return;
  if (error instanceof SystemExit) {
    const { code, text } = exitCodeOf(error.status);
    if (text !== undefined) complain(text);
    process.exit(code);
  }
  complain(`Process ${self.name}:\n${inspect(error)}`);
  process.exit(1);
}

/** Runs one child to the end of its target; the process then ends when its event loop is empty. */
export async function runChild(data: Uint8Array, life: number, passed: (index: number) => number): Promise<void> {
  // Nothing else may keep the loop alive while the target waits for a lock or a queue.
  const alive = setInterval(() => {}, 2 ** 30);
  process.on("uncaughtException", onUncaught);
  try {
    const preparation = unpackPreparation(data);
    assumeIdentity(preparation, life);
    if (preparation.env) takeEnvironment(preparation.env);
    const child = await reviveBody(preparation.body, passed);
    await child.run();
  } catch (error) {
    leave(error);
  } finally {
    clearInterval(alive);
  }
}

/**
 * Runs a child that is a copy of its parent, on the parent's stack: a synchronous target to its end and the end of the
 * process. Returns only for an async target, or one that has left timers or the like, and then the caller must see to it that the stack goes.
 */
export function runCopied(identity: Identity, life: number, run: () => unknown): void {
  process.on("uncaughtException", onUncaught);
  try {
    assumeIdentity(identity, life);
    const before = pending();
    const result = run();
    if (!isThenable(result)) {
      if (pending() <= before) process.exit();
      return;
    }
    setInterval(() => {}, 2 ** 30);
    result.then(() => process.exit(), leave);
  } catch (error) {
    leave(error);
  }
}

/** How much the event loop has to do: Node's own handles, requests and timers, and whether there are others. */
function pending(): number {
  return process.getActiveResourcesInfo().length + native.loopAlive();
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | undefined)?.then === "function";
}
