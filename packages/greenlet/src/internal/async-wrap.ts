/**
 * Where Node keeps the stack of asynchronous executions: `async_hooks`, domains and, before Node 24, AsyncLocalStorage live on it. There is no
 * API for another stack than the only one that it knows, so that its variables are looked up with the inspector, among those that the functions
 * of node:async_hooks close over.
 *
 * Observed, not promised, seen in Node 20 to 26: `internal/async_hooks` has a variable `async_wrap`, with the members below.
 */
import { AsyncResource } from "node:async_hooks";
import { Session } from "node:inspector";

export interface AsyncWrap {
  /** Some of which are below. */
  readonly async_hook_fields: Uint32Array;
  /** Ids of what runs now. */
  readonly async_id_fields: Float64Array;
  /** Two ids for each entry: of what ran before it. Node replaces it by a larger one. */
  readonly async_ids_stack: Float64Array;
  /** One for each entry, if JavaScript made it; otherwise the function tells. */
  readonly execution_async_resources: object[];
  executionAsyncResource(index: number): object | undefined;
  readonly constants: {
    readonly kStackLength: number;
    readonly kTotals: number;
    readonly kExecutionAsyncId: number;
    readonly kTriggerAsyncId: number;
    readonly kDefaultTriggerAsyncId: number;
  };
}

interface Remote {
  objectId?: string;
  description?: string;
}

const ASYNC_RESOURCE = `process.getBuiltinModule("node:async_hooks").AsyncResource`;
const NAME = "cordage.asyncWrap";
const KEY = Symbol.for(NAME);
const holder = AsyncResource as unknown as Record<symbol, AsyncWrap | undefined>;

/** Undefined where Node has no inspector, or forbids it, or has changed: greenlets then share one stack of asynchronous executions. */
export function findAsyncWrap(): AsyncWrap | undefined {
  const session = new Session();
  try {
    session.connect();
    const found = lookUp(session);
    return found && isAsyncWrap(found) ? found : undefined;
  } catch {
    return undefined;
  } finally {
    session.disconnect();
    delete holder[KEY];
  }
}

function lookUp(session: Session): AsyncWrap | undefined {
  const method = post(session, "Runtime.evaluate", { expression: `${ASYNC_RESOURCE}.prototype.runInAsyncScope` })
    .result as Remote;
  const emitBefore = closedOver(session, method).get("emitBefore");
  const wrap = emitBefore && closedOver(session, emitBefore).get("async_wrap");
  if (!wrap) return undefined;
  const functionDeclaration = `function () { ${ASYNC_RESOURCE}[Symbol.for("${NAME}")] = this; }`;
  post(session, "Runtime.callFunctionOn", { objectId: wrap.objectId, functionDeclaration });
  return holder[KEY];
}

/** The variables of the functions around a function; not the global ones, of which some are loaded when they are looked at. */
function closedOver(session: Session, fn: Remote): Map<string, Remote> {
  const scopes = properties(session, fn).internalProperties.find(({ name }) => name === "[[Scopes]]")!.value;
  const closures = properties(session, scopes).result.filter(({ value }) => value?.description?.startsWith("Closure"));
  const variables = closures.flatMap(({ value }) => properties(session, value).result);
  return new Map(variables.flatMap(({ name, value }) => (value ? [[name, value]] : [])));
}

interface Properties {
  result: { name: string; value: Remote }[];
  internalProperties: { name: string; value: Remote }[];
}

function properties(session: Session, { objectId }: Remote): Properties {
  return post(session, "Runtime.getProperties", { objectId, ownProperties: true }) as unknown as Properties;
}

/** In the same thread the answer is there at once. */
function post(session: Session, method: string, params: object): Record<string, unknown> {
  let answer: object | undefined;
  session.post(method, params, (error, result) => {
    if (!error) answer = result;
  });
  if (!answer) throw new Error(`the inspector did not answer ${method}`);
  return answer as Record<string, unknown>;
}

function isAsyncWrap({
  async_hook_fields,
  async_id_fields,
  async_ids_stack,
  execution_async_resources,
  constants,
  ...rest
}: AsyncWrap): boolean {
  return (
    ArrayBuffer.isView(async_hook_fields) &&
    ArrayBuffer.isView(async_id_fields) &&
    ArrayBuffer.isView(async_ids_stack) &&
    Array.isArray(execution_async_resources) &&
    typeof rest.executionAsyncResource === "function" &&
    NUMBERS.every((name) => Number.isInteger(constants?.[name]))
  );
}

const NUMBERS = ["kStackLength", "kTotals", "kExecutionAsyncId", "kTriggerAsyncId", "kDefaultTriggerAsyncId"] as const;
