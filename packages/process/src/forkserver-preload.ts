/** What the fork server imports before it forks. */
import path from "node:path";
import { pathToFileURL } from "node:url";
import { invalidType } from "@cordage/ipc/sys";
import { setPreload } from "./internal/forkserver.js";

const DOING = "preload modules in the fork server";

/**
 * Chooses the modules that the fork server imports before it forks, so that its children find them imported. They may
 * not start processes; what they print appears once; one that cannot be imported is reported on stderr and passed over.
 *
 * Takes effect with the next server: call it before the first start.
 *
 * @param urls URLs, or absolute paths; `import.meta.resolve("name")` gives the URL of a package
 * @throws {TypeError} ERR_INVALID_ARG_TYPE
 *
 * @example
 * setForkserverPreload([import.meta.resolve("./heavy.js")]);
 *
 * Blocks: never. Source: CPython multiprocessing.set_forkserver_preload.
 */
export function setForkserverPreload(urls: Iterable<string | URL>): void {
  if (typeof urls === "string" || typeof urls?.[Symbol.iterator] !== "function")
    throw invalidType(DOING, "expected an array of URLs", urls);
  setPreload(Array.from(urls, moduleUrl));
}

function moduleUrl(module: string | URL): string {
  const text = String(module);
  if (typeof module === "string" && path.isAbsolute(module)) return pathToFileURL(module).href;
  if ((typeof module === "string" || module instanceof URL) && URL.canParse(text)) return text;
  throw invalidType(DOING, "a module must be an URL or an absolute path", module);
}
