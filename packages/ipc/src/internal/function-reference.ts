/**
 * Functions travel by reference, as in Python: the module's URL and the function's name, never its source. The sender
 * cannot import, so it cannot know under which name a module exports the function; it sends the function's own name
 * and a fingerprint of its text, and the receiver finds the export that has both.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { CodecError, IpcError, invalidType } from "../errors.js";
import { findExports, printOf } from "./find-export.js";
import { scriptUrlOf } from "./function-location.js";

/** Names a function to another process. Plain data. */
export interface FunctionReference {
  /** The module to import, or `global:` for what every realm has, such as Math.sqrt. */
  readonly url: string;
  readonly name: string;
  /** The name is one that `task` gave. */
  readonly task?: boolean | undefined;
  /** A fingerprint of the source text; absent where the sender ran other text than the file's. */
  readonly print?: string | undefined;
}

const GLOBAL = "global:";
const known = new WeakMap<Function, FunctionReference>();
const tasks = new Map<string, Function>();
const resolved = new Map<string, Function>();

function label(fn: Function): string {
  return typeof fn.name === "string" && fn.name !== "" ? `function ${fn.name}` : "an anonymous function";
}

const REMEDY = "export it from a module, or name it with task(name, fn)";

function unnamable(fn: Function, reason: string, cause?: unknown): CodecError {
  return new CodecError("ERR_NOT_SERIALIZABLE", `cannot send ${label(fn)}: ${reason}`, undefined, { cause });
}

/** A module that another process can import, from what V8 calls a script; undefined for eval, the REPL and the like. */
export function importable(script: string | null | undefined): string | undefined {
  if (!script) return undefined;
  // What `node -e` runs has the URL of a file that is not there.
  if (/(\[|%5B)eval\d*(\]|%5D)$/.test(script)) return undefined;
  if (script.startsWith("/")) return pathToFileURL(script).href;
  return /^(file|node):/.test(script) ? script : undefined;
}

/**
 * How another process finds the function. An URL is `new URL("./module.js#name", import.meta.url)`; without a name it
 * means the default export.
 * @throws {CodecError} ERR_NOT_SERIALIZABLE when the function has no module or no name
 *
 * Blocks: the thread for 1 to 25 ms the first time for each function, see function-location.ts.
 */
export function referenceOf(target: Function | URL): FunctionReference {
  if (target instanceof URL) return explicit(target);
  if (typeof target !== "function") throw invalidType("refer to a function", "it must be a function or a URL", target);
  const cached = known.get(target);
  if (cached) return cached;
  const reference = located(target);
  known.set(target, reference);
  return reference;
}

function explicit(url: URL): FunctionReference {
  const module = new URL(url);
  module.hash = "";
  return { url: module.href, name: decodeURIComponent(url.hash.slice(1)) || "default" };
}

function located(fn: Function): FunctionReference {
  const script = scriptOf(fn);
  if (script === undefined || script.startsWith("node:internal/")) return native(fn);
  const url = importable(script);
  if (url === undefined)
    throw unnamable(fn, `it is from ${script || "an eval"}, which no other process can import; put it into a module`);
  const print = checkedPrint(url, fn);
  // What CommonJS code assigns to exports.f has no name of its own; then its text must tell.
  if (typeof fn.name !== "string" || (fn.name === "" && !print)) throw unnamable(fn, `it has no name; ${REMEDY}`);
  return { url, name: fn.name, print };
}

/**
 * The fingerprint, if the file holds the function's very text, which it does not where a loader, a compiler or a
 * coverage tool has changed it. Refuses what the module as it is written cannot export.
 */
function checkedPrint(url: string, fn: Function): string | undefined {
  const module = textOf(url);
  if (!module?.includes(Function.prototype.toString.call(fn))) return undefined;
  if (!/\bexports?\b/.test(module)) throw unnamable(fn, `its module ${url} exports nothing; ${REMEDY}`);
  if (fn.name === "" && !/\bexports\b/.test(module)) return undefined;
  return printOf(fn);
}

function textOf(url: string): string | undefined {
  try {
    return url.startsWith("file:") ? readFileSync(fileURLToPath(url), "utf8") : undefined;
  } catch {
    return undefined;
  }
}

function scriptOf(fn: Function): string | undefined {
  try {
    return scriptUrlOf(fn);
  } catch (cause) {
    throw unnamable(fn, "the inspector, which knows its module, is not there; name it with task(name, fn)", cause);
  }
}

function native(fn: Function): FunctionReference {
  for (const key of Object.getOwnPropertyNames(globalThis)) {
    const value = Object.getOwnPropertyDescriptor(globalThis, key)?.value;
    if (value === fn) return { url: GLOBAL, name: key };
    const inner = Object(value)[fn.name] === fn && value !== globalThis;
    if (inner) return { url: GLOBAL, name: `${key}.${fn.name}` };
  }
  throw unnamable(fn, "it is native or bound, so no module exports it; wrap it in a function that one does");
}

/** Gives a function the name that {@link referenceOf} uses. */
export function addTask(name: string, fn: Function, script: string | undefined): void {
  const other = tasks.get(name);
  if (other && other !== fn && printOf(other) !== printOf(fn))
    throw new IpcError("ERR_TASK_REGISTERED", `cannot name the task: another one has its name, received '${name}'`);
  tasks.set(name, fn);
  const url = importable(script);
  if (url !== undefined) known.set(fn, { url, name, task: true });
}

function keyOf({ url, name, task, print }: FunctionReference): string {
  return `${url}\n${name}\n${task === true}\n${print ?? ""}`;
}

/** The function, if it was resolved before. */
export function resolvedReference(reference: FunctionReference): Function | undefined {
  return resolved.get(keyOf(reference));
}

/**
 * The function that a reference, or an explicit URL, names: imports its module. Only for references of a trusted peer.
 * @throws {IpcError} ERR_FUNCTION_NOT_FOUND when the module cannot be imported or does not export it
 *
 * Blocks: the caller; the imported module's top level runs on the event loop.
 */
export async function resolveReference(target: FunctionReference | URL): Promise<Function> {
  const reference = target instanceof URL ? explicit(target) : target;
  const key = keyOf(reference);
  const before = resolved.get(key);
  if (before) return before;
  const fn = reference.url === GLOBAL ? inside(globalThis, reference) : await imported(reference);
  resolved.set(key, fn);
  if (!known.has(fn)) known.set(fn, reference);
  return fn;
}

async function imported(reference: FunctionReference): Promise<Function> {
  let module: object;
  try {
    module = await import(reference.url);
  } catch (cause) {
    throw notFound(reference, "importing the module failed", cause);
  }
  if (!reference.task) return inside(module, reference);
  const fn = tasks.get(reference.name);
  if (!fn) throw notFound(reference, `the module calls no task("${reference.name}", ...) when it is imported`);
  return fn;
}

function inside(module: object, reference: FunctionReference): Function {
  const found = findExports(module, reference);
  const [fn] = found.keys();
  if (found.size === 1) return fn!;
  if (found.size === 0) throw notFound(reference, `the module does not export it; ${REMEDY}`);
  const names = [...found.values()].join(", ");
  throw notFound(reference, `several exports look like it (${names}); name it with task(name, fn)`);
}

function notFound({ url, name }: FunctionReference, reason: string, cause?: unknown): IpcError {
  const where = url === GLOBAL ? "the global object" : url;
  return new IpcError(
    "ERR_FUNCTION_NOT_FOUND",
    `cannot find function ${name || "(anonymous)"} in ${where}: ${reason}`,
    { cause },
  );
}
