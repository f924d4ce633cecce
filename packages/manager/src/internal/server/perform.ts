/** A call of a method of a shared object, by its name. */
import { ManagerError } from "../../errors.js";
import { GET_VALUE } from "../protocol.js";
import type { Caller } from "./caller.js";
import type { ServedType } from "./served-type.js";

/** An object that others may call, and what of it. */
export interface Callable {
  readonly type: ServedType;
  readonly object: object;
  readonly exposed: ReadonlySet<string>;
}

/** What the method returns. @throws what it throws; {ManagerError} ERR_NOT_EXPOSED */
export function performOn(
  { type, object, exposed }: Callable,
  method: string,
  args: unknown[],
  caller: Caller,
): unknown {
  if (exposed.has(method)) return type.call(object, method, caller, args);
  if (method === GET_VALUE) return type.valueOf(object);
  throw new ManagerError(
    "ERR_NOT_EXPOSED",
    `cannot call ${String(method)} of a ${type.typeid}: it is not exposed; what is: ${[...exposed].join(", ")}`,
  );
}
