/**
 * Where a function was written. Only the inspector knows: it shows [[FunctionLocation]] among a function's internal
 * properties, and announces the URL of each script when its debugger is enabled, which takes some 25 ms and is
 * therefore done only when a script is not known yet.
 *
 * Source: https://chromedevtools.github.io/devtools-protocol/v8/Runtime/#type-InternalPropertyDescriptor
 */
import type { Runtime, Session } from "node:inspector";

const PROBE = Symbol.for("cordage.probe");
const HANDED_OVER = 'process.getBuiltinModule("node:inspector").Session[Symbol.for("cordage.probe")]';

interface Inspector {
  Session: typeof Session & { [PROBE]?: Function | undefined };
}

const urls = new Map<string, string>();
let session: Session | undefined;

function inspector(): Inspector {
  const found = process.getBuiltinModule("node:inspector") as Inspector | undefined;
  if (!found) throw new Error("this Node was built without the inspector");
  return found;
}

function connected(): Session {
  if (session) return session;
  const opened = new (inspector().Session)();
  opened.connect();
  opened.on("Debugger.scriptParsed", ({ params }) => urls.set(params.scriptId, params.url));
  session = opened;
  return opened;
}

/** The answer to a command; sessions of the own thread answer before post() returns. */
function ask<T>(method: string, params: object = {}): T {
  let answer: { error: Error | null; result: T } | undefined;
  connected().post(method, params, (error: Error | null, result?: object) => {
    answer = { error, result: result as T };
  });
  if (!answer) throw new Error(`the inspector did not answer ${method}`);
  if (answer.error) throw answer.error;
  return answer.result;
}

/** Evaluates to the function. It is handed over on an object that every realm shares, such as jest's and the main one. */
function remoteId(fn: Function): string {
  const { Session } = inspector();
  Session[PROBE] = fn;
  try {
    const answer = ask<Runtime.EvaluateReturnType>("Runtime.evaluate", {
      expression: HANDED_OVER,
      objectGroup: "cordage",
    });
    const id = answer.result.objectId;
    if (id === undefined) throw new Error("the inspector did not see the function");
    return id;
  } finally {
    delete Session[PROBE];
  }
}

function scriptOf(fn: Function): string | undefined {
  try {
    const { internalProperties } = ask<Runtime.GetPropertiesReturnType>("Runtime.getProperties", {
      objectId: remoteId(fn),
      ownProperties: true,
    });
    return internalProperties?.find(({ name }) => name === "[[FunctionLocation]]")?.value?.value?.scriptId;
  } finally {
    ask("Runtime.releaseObjectGroup", { objectGroup: "cordage" });
  }
}

/** The debugger announces every script anew when it is enabled. It does not stay so, because that slows V8 down. */
function learnScripts(): void {
  urls.clear();
  ask("Debugger.enable");
  ask("Debugger.disable");
}

/**
 * Has the inspector say where everything is that was loaded by now, so that asking for a function takes 1 ms and not 25.
 * What it cannot say now it will be asked for later.
 *
 * Blocks: the thread, for about 25 ms.
 */
export function learnFunctionLocations(): void {
  try {
    learnScripts();
  } catch {
    // Without an inspector asking says why.
  }
}

/**
 * The URL or path of the script that a function is from, as V8 knows it; undefined for native and bound functions.
 * @throws {Error} when there is no inspector
 *
 * Blocks: the thread, for about 1 ms, or 25 ms when the script is new.
 */
export function scriptUrlOf(fn: Function): string | undefined {
  const script = scriptOf(fn);
  if (script === undefined) return undefined;
  if (!urls.has(script)) learnScripts();
  return urls.get(script);
}
