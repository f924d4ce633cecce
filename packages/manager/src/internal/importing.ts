/** Whether this server imports the modules of its factories and functions: then nothing in them may start a manager. */
import { importGuard } from "@cordage/ipc/sys";
import { BootstrapError } from "@cordage/process";

export const { whileImporting, refuseWhileImporting } = importGuard(
  BootstrapError,
  "cannot start a manager: its server is importing the module of a factory or function, and that starts a manager itself",
);
