/** A forked child inherits its parent's timers; V8's inspector finds them, wherever they are referenced from. */
import { Session } from "node:inspector";

const KEY = "__cordageInheritedTimers";
type Remote = { objectId?: string };

function post(session: Session, method: string, params: object): any {
  let result: unknown;
  let failed: unknown;
  session.post(method as "Runtime.evaluate", params as never, (error, value) => {
    failed = error;
    result = value;
  });
  if (failed) throw failed;
  return result;
}

/** Timers carry the number of the async resource that they are; it only grows. */
function numberOf(timer: object): number {
  const symbol = Object.getOwnPropertySymbols(timer).find(({ description }) => description === "asyncId");
  return symbol === undefined ? Number.POSITIVE_INFINITY : (timer as Record<symbol, number>)[symbol]!;
}

/** A point in time: what was set before it has a smaller number. */
export function timerMark(): number {
  const probe = setTimeout(() => {}, 2 ** 30);
  clearTimeout(probe);
  return numberOf(probe);
}

/** Clears every timer that was set before the mark. Takes a full garbage collection. */
export function clearTimersBefore(mark: number): void {
  const probe = setTimeout(() => {}, 2 ** 30);
  const global = globalThis as unknown as Record<string, unknown>;
  const session = new Session();
  session.connect();
  try {
    global[KEY] = Object.getPrototypeOf(probe);
    const prototype: Remote = post(session, "Runtime.evaluate", { expression: `globalThis.${KEY}` }).result;
    global[KEY] = (timer: NodeJS.Timeout) => numberOf(timer) < mark && clearTimeout(timer);
    const { objects } = post(session, "Runtime.queryObjects", { prototypeObjectId: prototype.objectId });
    const functionDeclaration = `function () { this.forEach(globalThis.${KEY}); }`;
    post(session, "Runtime.callFunctionOn", { objectId: objects.objectId, functionDeclaration });
  } finally {
    session.disconnect();
    delete global[KEY];
    clearTimeout(probe);
  }
}
