/** Chooses the engine that gives greenlets their stacks. */
import { MessageChannel } from "node:worker_threads";
import { GreenletError } from "../errors.js";
import { withOwnStacks } from "./async-context.js";
import {
  addonFile,
  type EngineName,
  type FiberHandle,
  loadNative,
  type Native,
  type Requests,
  selfTestFile,
} from "./native.js";
import { verdictOf } from "./self-test.js";
import { stackSize } from "./stack-size.js";
import { warnOf } from "./unfound.js";

export interface Edge extends Omit<Native, "unwind"> {
  /** Returns when somebody switches back. */
  switchTo(fiber: FiberHandle): void;
}

export interface Opened {
  readonly native: Edge;
  readonly engine: EngineName;
  /** The number of the fiber that runs. */
  readonly running: Int32Array;
}

/** @throws {GreenletError} ERR_UNSUPPORTED_PLATFORM, ERR_INVALID_ENGINE, ERR_INVALID_STACK_SIZE */
export function open(body: (unwound: boolean) => FiberHandle): Opened {
  const addon = loadNative();
  const running = new Int32Array(1);
  const size = stackSize();
  const reasons: string[] = [];
  const { engines, isKnown, requests } = candidates(size);
  for (const engine of engines) {
    const edge = addon.open(engine, size, body, running, isKnown, requests, keepChannel);
    if (typeof edge !== "string") {
      warnOf(edge.unfound.filter((what) => isKnown || what === "stackLimit")); // on others, requests are not looked for
      return opened(edge, engine, running);
    }
    reasons.push(`the ${engine} engine cannot work: ${edge}`);
  }
  throw new GreenletError("ERR_UNSUPPORTED_PLATFORM", `cannot start greenlets: ${reasons.join("; ")}`);
}

/** Whose ports Node closes at the end of the thread. */
const channels: MessageChannel[] = [];

function keepChannel(): void {
  channels.push(new MessageChannel());
}

function opened(edge: Native, engine: EngineName, running: Int32Array): Opened {
  return { native: withContexts(edge), engine, running };
}

interface Candidates {
  /** In the order in which they are tried. */
  engines: EngineName[];
  /** Whether the self-test has passed, or the user has taken it upon himself. */
  isKnown: boolean;
  /** What the self-test has found, which takes its time. */
  requests?: Requests | undefined;
}

function candidates(size: number): Candidates {
  const wanted = process.env.CORDAGE_GREENLET_ENGINE;
  if (wanted === "stack" || wanted === "threads") return { engines: [wanted], isKnown: true };
  if (wanted)
    throw new GreenletError(
      "ERR_INVALID_ENGINE",
      `cannot choose the engine: CORDAGE_GREENLET_ENGINE must be "stack" or "threads", received ${JSON.stringify(wanted)}`,
    );
  const { passed, requests } = verdictOf({ addon: addonFile, program: selfTestFile, stackSize: size });
  return { engines: passed ? ["stack", "threads"] : ["threads"], isKnown: passed, requests };
}

/** Each fiber has its own stack of asynchronous executions. */
function withContexts(edge: Native): Edge {
  const transfer = withOwnStacks((fiber: FiberHandle, kept) => fiber.switchTo(kept));
  return {
    ...edge,
    switchTo(fiber) {
      if (transfer(fiber)) edge.unwind();
    },
  };
}
