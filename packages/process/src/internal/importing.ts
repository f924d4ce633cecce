/** Whether this process imports the modules that it needs: then nothing in them may start a process. */
import { importGuard } from "@cordage/ipc/sys";
import { BootstrapError } from "../errors.js";

export const { importing, whileImporting, refuseWhileImporting } = importGuard(
  BootstrapError,
  "cannot start a process: this child is still importing its main module, which would start processes without end",
);
