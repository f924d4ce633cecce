/** A manager for the tests of a file. */
import type { BaseManager } from "@cordage/manager";
import { endLeftOver } from "@cordage/test-support";
import { afterAll, beforeAll } from "@jest/globals";

/** Starts a manager for the tests of a file; at its end nothing may be left of it. */
export function startedManager<M extends BaseManager>(manager: M): M {
  beforeAll(() => manager.start());
  afterAll(async () => {
    await manager.shutdown();
    await endLeftOver();
  });
  return manager;
}
