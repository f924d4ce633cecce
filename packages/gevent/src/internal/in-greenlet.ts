/** Whether a call that blocks the thread may block a greenlet instead. */
import { type Greenlet, getCurrent } from "@cordage/greenlet";
import { main } from "./hub.js";

/** Those that are loading a module with require(): others that require it must not find it half loaded. */
const loading = new Map<Greenlet, number>();

export function inGreenlet(): boolean {
  const current = getCurrent();
  return current !== main && !loading.has(current);
}

/** Calls that block the thread do so while `load` runs. */
export function whileLoading<T>(load: () => T): T {
  const current = getCurrent();
  const depth = loading.get(current) ?? 0;
  loading.set(current, depth + 1);
  try {
    return load();
  } finally {
    if (depth === 0) loading.delete(current);
    else loading.set(current, depth);
  }
}
