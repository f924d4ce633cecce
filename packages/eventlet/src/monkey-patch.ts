/** Has calls that block the thread block the greenthread instead. */
import { monkey } from "@cordage/gevent";

/** What is patched: each is true unless it is set to false. */
export type PatchOptions = NonNullable<Parameters<typeof monkey.patchAll>[0]>;

/**
 * Within greenthreads, calls that block the thread block the greenthread instead: `fs.*Sync`, `child_process.*Sync`, the slow ones of crypto and zlib,
 * `Atomics.wait`, and every `xSync` of the `@cordage` packages. It is `monkey.patchAll` of `@cordage/gevent`, whose README has the table; `monkey.unpatchAll`
 * there undoes it.
 * @throws {TypeError} ERR_INVALID_ARG_TYPE, also for an option that there is not
 *
 * Source: eventlet.monkey_patch.
 */
export function monkeyPatch(options: PatchOptions = {}): void {
  monkey.patchAll(options);
}

/** Whether something is patched: "fs.readFileSync", or a whole module, "fs"; without a name: whether anything is. Source: eventlet.patcher.is_monkey_patched. */
export function isMonkeyPatched(name?: string): boolean {
  return monkey.isPatched(name);
}
