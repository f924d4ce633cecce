/** What runs the handlers of a server. */
import { invalidType } from "@cordage/ipc/sys";
import { Pool } from "../pool.js";

export type SpawnOption = Pool | number | "default";

/**
 * The pool that the option stands for; none: a greenlet for each.
 * @throws {TypeError} ERR_INVALID_ARG_TYPE, @throws {RangeError} ERR_OUT_OF_RANGE
 */
export function poolOf(spawn: SpawnOption = "default"): Pool | undefined {
  if (spawn === "default") return undefined;
  if (typeof spawn === "number") return new Pool(spawn);
  if (spawn instanceof Pool) return spawn;
  throw invalidType("make a server", 'spawn must be a pool, its size, or "default"', spawn);
}
