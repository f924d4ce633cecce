/** What greenlets lack where V8 has changed: a warning says it, before a program that needs it fails. */
import type { Unfound } from "./native.js";

const CONSEQUENCES: Record<Unfound, { code: string; what: string; consequence: string }> = {
  requests: {
    code: "GREENLET_REQUESTS",
    what: "requests to stop JavaScript",
    consequence: "worker.terminate() and the time limit of node:vm may be lost if they come while greenlets switch",
  },
  stackLimit: {
    code: "GREENLET_STACK_LIMIT",
    what: "the limit of a stack",
    consequence:
      "once greenlets have run, a recursion that is too deep for the main stack may end the process, rather than throw a RangeError",
  },
};

export function warnOf(unfound: Unfound[]): void {
  for (const name of unfound) {
    const { code, what, consequence } = CONSEQUENCES[name];
    const text = `@cordage/greenlet does not find where V8 ${process.versions.v8} keeps ${what}: ${consequence}`;
    process.emitWarning(text, { type: "GreenletWarning", code });
  }
}
