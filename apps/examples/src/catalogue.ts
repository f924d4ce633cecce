/** The document's programs, in its order. A new one is one line here, a file in programs/ and one in expectations/. */
import { manager } from "./expectations/manager.js";
import { managerRemote } from "./expectations/manager-remote.js";
import { pipe } from "./expectations/pipe.js";
import { pool } from "./expectations/pool.js";
import { processFunction } from "./expectations/process-function.js";
import { processInfo } from "./expectations/process-info.js";
import { processSubclass } from "./expectations/process-subclass.js";
import { queue } from "./expectations/queue.js";
import { yielding } from "./expectations/yield.js";
import type { Expectation, Program } from "./program.js";

export const catalogue: readonly Program[] = [
  program("3.1-process-function", "a process that runs a function", processFunction),
  program("3.1-process-subclass", "a process that is a subclass", processSubclass),
  program("3.2-process-info", "names, parents and process ids", processInfo),
  program("3.3.1-queue", "a queue between processes", queue),
  program("3.3.2-pipe", "a pipe between two processes", pipe),
  program("3.3.3-manager", "a dict and a list that processes share", manager),
  program("3.3.3-manager-remote", "extra: a queue over TCP, for those who know the key", managerRemote),
  program("3.4-pool", "a pool of processes", pool),
  program("4.1-yield", "a producer and a consumer that take turns", yielding),
];

/** A program whose file in programs/ has its name. */
function program(name: string, title: string, expectation: Expectation): Program {
  const section = name.slice(0, name.indexOf("-"));
  return { name, section, title, expectation, module: new URL(`./programs/${name}.js`, import.meta.url) };
}
