import { ProcessError } from "../errors.js";

/** Unwinds the parent's stack in a forked child whose target is async. Not an error of anybody's. */
export class ForkedChild extends ProcessError {
  constructor() {
    super("ERR_FORKED_CHILD", "this is a forked child leaving its parent's code: let this error pass");
  }
}
