/** Leaving a process by Python's rules. */
import { inspect } from "node:util";
import { named } from "@cordage/ipc/sys";
import { ProcessError } from "./errors.js";
import { self } from "./internal/self.js";

/** Thrown by {@link exit} in a child, so that `finally` and `using` run on the way out. */
export class SystemExit extends ProcessError {
  constructor(readonly status: unknown) {
    super("ERR_SYSTEM_EXIT", "the process is leaving through exit()");
  }
}
named(SystemExit, "SystemExit");

/** Python's translation of a status: the exit code, and the text for stderr where there is one. */
export function exitCodeOf(status: unknown): { code: number; text?: string } {
  if (status === undefined || status === null) return { code: 0 };
  if (typeof status === "boolean") return { code: status ? 1 : 0 };
  if (typeof status === "number" && Number.isInteger(status)) return { code: status & 0xff };
  return { code: 1, text: typeof status === "string" ? status : inspect(status) };
}

/** Writes to stderr; a stderr that is closed or gone must not change how a process ends. */
export function complain(text: string): void {
  try {
    process.stderr.write(`${text}\n`);
  } catch {
    // Nobody is left to tell.
  }
}

/**
 * Ends this process: `undefined`, `null` and `false` mean 0, `true` 1, a whole number its low 8 bits; anything else is
 * printed on stderr and means 1.
 *
 * In a child it unwinds (an error is thrown, `finally` and `using` run); in the main program it is `process.exit`.
 *
 * Source: CPython sys.exit, multiprocessing/process.py `_bootstrap`.
 */
export function exit(status?: unknown): never {
  if (self.parent) throw new SystemExit(status);
  const { code, text } = exitCodeOf(status);
  if (text !== undefined) complain(text);
  process.exit(code);
}
