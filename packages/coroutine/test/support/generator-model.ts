/**
 * A model of CPython's generators: a little machine with a stack of its own, which uses no generator of JavaScript's.
 * Source: PEP 342, PEP 380, PEP 479; CPython Objects/genobject.c.
 */
import { type CoroutineState, GeneratorExit, StopIteration } from "@cordage/coroutine";

/** A statement of a generator's body. */
export type Step =
  | { do: "yield"; value: unknown }
  /** `yield (yield "echo")` */
  | { do: "echo" }
  | { do: "raise"; error: unknown }
  | { do: "return"; value: unknown }
  /** `yield (yield from to)` */
  | { do: "delegate"; to: Program; as: Delegated }
  | { do: "catch"; body: Program; handler: Program }
  | { do: "finally"; body: Program; cleanup: Program };

/** What is delegated to, and how: with `yield*` alone, or with delegate(). */
export type Delegated = "coroutine" | "coroutine by delegate()" | "generator by delegate()";

export type Program = Step[];

/** What a call gave or threw: of our own errors, the code. */
export type Outcome = { gave: unknown } | { ended: unknown } | { threw: unknown };

export const ended = (value: unknown): Outcome => ({ ended: value });

/** How the statement that ran last was left. */
type Completion = { how: "normal" | "return" | "throw"; value: unknown };

type Frame =
  | { is: "block"; steps: Program; at: number }
  | { is: "catch"; handler: Program }
  | { is: "finally"; cleanup: Program }
  /** While a cleanup runs: what is to become of it all when that is over. */
  | { is: "cleanup"; pending: Completion }
  | { is: "echo" }
  | { is: "delegating"; to: Model };

const NORMAL: Completion = { how: "normal", value: undefined };

export class Model {
  state: CoroutineState = "created";
  private readonly stack: Frame[];
  private completion = NORMAL;
  /** Set by a step that yields. */
  private yielded: { value: unknown } | undefined;

  /** @param lenient a generator of JavaScript's, out of which a StopIteration may come */
  constructor(
    program: Program,
    private readonly lenient = false,
  ) {
    this.stack = [{ is: "block", steps: program, at: 0 }];
  }

  send(value: unknown): Outcome {
    if (this.state === "closed") return ended(undefined);
    if (this.state === "created" && value !== undefined) return { threw: "ERR_NOT_STARTED" };
    return this.resume({ how: "normal", value });
  }

  throw(error: unknown): Outcome {
    if (this.state === "closed") return { threw: error };
    if (this.state === "created") this.stack.length = 0;
    return this.resume({ how: "throw", value: error });
  }

  close(): Outcome {
    if (this.state !== "suspended") {
      this.state = "closed";
      return { gave: undefined };
    }
    const outcome = this.throw(new GeneratorExit());
    if ("gave" in outcome) return { threw: "ERR_IGNORED_EXIT" };
    if ("ended" in outcome) return { gave: outcome.ended };
    return outcome.threw instanceof GeneratorExit ? { gave: undefined } : outcome;
  }

  /** Up to the next yield, or to the end. */
  private resume(completion: Completion): Outcome {
    this.state = "running";
    this.completion = completion;
    while (this.stack.length > 0) {
      this.step(this.stack.at(-1)!);
      if (this.yielded) return this.suspend(this.yielded.value);
    }
    return this.end();
  }

  private suspend(value: unknown): Outcome {
    this.yielded = undefined;
    this.state = "suspended";
    return { gave: value };
  }

  private end(): Outcome {
    this.state = "closed";
    const { how, value } = this.completion;
    if (how === "normal") return ended(undefined);
    if (how === "return") return ended(value);
    return { threw: value instanceof StopIteration && !this.lenient ? "ERR_STOP_ITERATION" : value };
  }

  private step(frame: Frame): void {
    if (frame.is === "delegating") this.delegated(frame.to);
    else if (frame.is === "block" && this.completion.how === "normal" && frame.at < frame.steps.length)
      this.begin(frame.steps[frame.at++]!);
    else {
      this.stack.pop();
      this.left(frame);
    }
  }

  private begin(step: Step): void {
    this.completion = NORMAL;
    if (step.do === "yield") this.yielded = { value: step.value };
    else if (step.do === "echo") {
      this.yielded = { value: "echo" };
      this.stack.push({ is: "echo" });
    } else if (step.do === "raise") this.completion = { how: "throw", value: step.error };
    else if (step.do === "return") this.completion = { how: "return", value: step.value };
    else if (step.do === "delegate") this.stack.push(delegating(step));
    else if (step.do === "catch") this.enter({ is: "catch", handler: step.handler }, step.body);
    else this.enter({ is: "finally", cleanup: step.cleanup }, step.body);
  }

  private enter(frame: Frame, steps: Program): void {
    this.completion = NORMAL;
    this.stack.push(frame, { is: "block", steps, at: 0 });
  }

  /** What the frame makes of how that was left which ran in it. */
  private left(frame: Frame): void {
    const { completion } = this;
    if (frame.is === "catch" && completion.how === "throw") {
      this.completion = NORMAL;
      this.stack.push({ is: "block", steps: frame.handler, at: 0 });
    } else if (frame.is === "finally") this.enter({ is: "cleanup", pending: completion }, frame.cleanup);
    else if (frame.is === "cleanup" && completion.how === "normal") this.completion = frame.pending;
    else if (frame.is === "echo" && completion.how === "normal") this.yielded = { value: completion.value };
  }

  /** PEP 380: resumed with something, hands it on to the one that it delegates to. */
  private delegated(to: Model): void {
    const { how, value } = this.completion;
    const isExit = how === "throw" && value instanceof GeneratorExit;
    const outcome = isExit ? to.close() : how === "throw" ? to.throw(value) : to.send(value);
    if ("gave" in outcome && !isExit) {
      this.yielded = { value: outcome.gave };
      return;
    }
    this.stack.pop();
    if ("threw" in outcome) this.completion = { how: "throw", value: outcome.threw };
    else if ("ended" in outcome) this.yielded = { value: outcome.ended };
  }
}

function delegating({ to, as }: { to: Program; as: Delegated }): Frame {
  return { is: "delegating", to: new Model(to, as === "generator by delegate()") };
}
