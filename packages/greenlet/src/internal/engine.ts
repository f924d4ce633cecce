/** Chooses the engine that gives greenlets their stacks. */
import { GreenletError } from "../errors.js";
import { type EngineName, type FiberHandle, loadNative, type Native } from "./native.js";

const STACK_SIZE = 256 * 1024;

export interface Opened {
  readonly native: Native;
  readonly engine: EngineName;
  /** Not 0 once JavaScript was unwound on a greenlet. */
  readonly terminated: Int32Array;
}

export function open(body: () => FiberHandle): Opened {
  const terminated = new Int32Array(1);
  const engine = (process.env.CORDAGE_GREENLET_ENGINE ?? "stack") as EngineName;
  const native = loadNative().open(engine, STACK_SIZE, body, terminated);
  if (typeof native === "string")
    throw new GreenletError("ERR_UNSUPPORTED_PLATFORM", `cannot start the ${engine} engine: ${native}`);
  return { native, engine, terminated };
}
