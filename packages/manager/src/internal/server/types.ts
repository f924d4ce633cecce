/** The types that every SyncManager serves. */
import { barrier } from "../referents/barrier.js";
import { condition } from "../referents/condition.js";
import { dict } from "../referents/dict.js";
import { event } from "../referents/event.js";
import { list } from "../referents/list.js";
import { lock, rlock } from "../referents/lock.js";
import { namespace } from "../referents/namespace.js";
import { array, value } from "../referents/numbers.js";
import { asyncResult, iterator, pool } from "../referents/pool.js";
import { joinableQueue, queue } from "../referents/queue.js";
import { boundedSemaphore, semaphore } from "../referents/semaphore.js";
import { set } from "../referents/set.js";
import { customType, type Registration } from "./custom-type.js";
import type { ServedType } from "./served-type.js";

const containers = [dict, list, set, namespace, value, array];
const synchronization = [lock, rlock, semaphore, boundedSemaphore, condition, event, barrier, queue, joinableQueue];
const builtIn = [...containers, ...synchronization, pool, asyncResult, iterator];

/** By typeid. What was registered comes before what is built in. */
export function servedTypes(withBuiltIn: boolean, registrations: readonly Registration[]): Map<string, ServedType> {
  const all = [...(withBuiltIn ? builtIn : []), ...registrations.map(customType)];
  return new Map(all.map((type) => [type.typeid, type]));
}
