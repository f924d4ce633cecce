/** The main module of a worker. */
import "../index.js"; // so that all entries share one file, see scripts/bundle.mjs

import { resolveReference } from "@cordage/ipc/sys";
import type { LinkEnd } from "./link.js";
import { Servant } from "./servant.js";

/** What a worker is started with. */
export interface WorkerOptions {
  link: LinkEnd;
  initializer: Function | URL | undefined;
  initargs: readonly unknown[];
}

/** The target of a worker's process. It ends with its line. */
export async function serve({ link, initializer, initargs }: WorkerOptions): Promise<void> {
  const servant = new Servant(link);
  try {
    const fn = initializer instanceof URL ? await resolveReference(initializer) : initializer;
    await fn?.(...initargs);
  } catch (error) {
    servant.notReady(error);
    process.exit(1);
  }
  servant.start();
  await new Promise(() => {});
}
