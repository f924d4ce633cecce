/** Processes by Python's rules: function targets and subclasses, four start methods. See README.md. */
export {
  type Context,
  getAllStartMethods,
  getContext,
  getStartMethod,
  type StartMethod,
  setStartMethod,
} from "./context.js";
export {
  activeChildren,
  type CurrentProcess,
  cpuCount,
  currentProcess,
  isMain,
  type ParentProcess,
  parentProcess,
} from "./current.js";
export { BootstrapError, ProcessError } from "./errors.js";
export { exit, SystemExit } from "./exit.js";
export { setForkserverPreload } from "./forkserver-preload.js";
export { Process, type ProcessOptions, type Target } from "./process.js";
