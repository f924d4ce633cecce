/** Whether this server imports the modules of its factories and functions: then nothing in them may start a manager. */
import { BootstrapError } from "@cordage/process";

let modules = false;

export async function whileImporting<T>(work: Promise<T> | undefined): Promise<T | undefined> {
  modules = true;
  try {
    return await work;
  } catch (error) {
    // Why a module could not be imported matters more than what was looked for in it.
    throw (error as Error).cause instanceof BootstrapError ? (error as Error).cause : error;
  } finally {
    modules = false;
  }
}

/** @throws {BootstrapError} ERR_BOOTSTRAP */
export function refuseWhileImporting(): void {
  if (!modules) return;
  throw new BootstrapError(
    "cannot start a manager: its server is importing the module of a factory or function, and that starts a manager " +
      "itself. Guard what only the main program should do: if (isMain(import.meta)) { ... }",
  );
}
