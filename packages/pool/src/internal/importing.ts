/** Whether this worker imports the module of a task's function: then nothing in it may make a pool. */
import { BootstrapError } from "@cordage/process";

let modules = 0;

export async function whileImporting<T>(work: Promise<T>): Promise<T> {
  modules++;
  try {
    return await work;
  } catch (error) {
    // Why the module could not be imported matters more than which function was looked for in it.
    throw (error as Error).cause instanceof BootstrapError ? (error as Error).cause : error;
  } finally {
    modules--;
  }
}

/** @throws {BootstrapError} ERR_BOOTSTRAP */
export function refuseWhileImporting(): void {
  if (modules === 0) return;
  throw new BootstrapError(
    "cannot make a pool: this worker is importing the module of a task's function, and that makes a pool itself. Guard " +
      "what only the main program should do: if (isMain(import.meta)) { ... }",
  );
}
