/** Whether this worker imports the module of a task's function: then nothing in it may make a pool. */
import { importGuard } from "@cordage/ipc/sys";
import { BootstrapError } from "@cordage/process";

export const { whileImporting, refuseWhileImporting } = importGuard(
  BootstrapError,
  "cannot make a pool: this worker is importing the module of a task's function, and that makes a pool itself",
);
