/**
 * Random coroutines, driven at random, against a model of CPython's generators that knows nothing of JavaScript's.
 * fast-check prints the seed and the path of a failing case; CORDAGE_SEED repeats it.
 */
import { type Coroutine, coroutine, delegate, GeneratorExit, StopIteration } from "@cordage/coroutine";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { type Delegated, ended, Model, type Outcome, type Program, type Step } from "./support/generator-model.js";

/** Errors that scripts throw and bodies raise, so that they can be compared by identity. */
const errors = [new Error("a"), new RangeError("b"), new StopIteration("c"), new GeneratorExit("d")];

const leaf: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("yield" as const), value: fc.integer({ min: 0, max: 99 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("echo" as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("raise" as const), error: fc.constantFrom(...errors) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("return" as const), value: fc.integer({ min: 100, max: 199 }) }),
  },
);

const ways: Delegated[] = ["coroutine", "coroutine by delegate()", "generator by delegate()"];

const { program } = fc.letrec<{ step: Step; program: Program }>((tie) => ({
  program: fc.array(tie("step"), { maxLength: 4 }),
  step: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    leaf,
    fc.record({ do: fc.constant("delegate" as const), as: fc.constantFrom(...ways), to: tie("program") }),
    fc.record({ do: fc.constant("catch" as const), body: tie("program"), handler: tie("program") }),
    fc.record({ do: fc.constant("finally" as const), body: tie("program"), cleanup: tie("program") }),
  ),
}));

type Act = { act: "next" | "close" } | { act: "send"; value: number | undefined } | { act: "throw"; error: unknown };

const script: fc.Arbitrary<Act[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.constant<Act>({ act: "next" }) },
    { weight: 3, arbitrary: fc.integer({ min: 200, max: 299 }).map((value): Act => ({ act: "send", value })) },
    { weight: 3, arbitrary: fc.constantFrom(...errors).map((error): Act => ({ act: "throw", error })) },
    { weight: 1, arbitrary: fc.constant<Act>({ act: "close" }) },
  ),
  { minLength: 1, maxLength: 12 },
);

/** The program as JavaScript runs it. */
function* generate(steps: Program): Generator<unknown, unknown, unknown> {
  const result = yield* block(steps);
  return result?.returned;
}
const interpret = coroutine(generate);

function delegated({ to, as }: { to: Program; as: Delegated }): Iterable<unknown, unknown, unknown> {
  if (as === "coroutine") return interpret(to);
  return delegate(as === "generator by delegate()" ? generate(to) : interpret(to));
}

type Returned = { returned: unknown } | undefined;

function* block(steps: Program): Generator<unknown, Returned, unknown> {
  for (const step of steps) {
    const result = yield* perform(step);
    if (result) return result;
  }
  return undefined;
}

function* perform(step: Step): Generator<unknown, Returned, unknown> {
  if (step.do === "yield") yield step.value;
  else if (step.do === "echo") yield yield "echo";
  else if (step.do === "raise") throw step.error;
  else if (step.do === "return") return { returned: step.value };
  else if (step.do === "delegate") yield yield* delegated(step);
  else if (step.do === "catch") return yield* caught(step.body, step.handler);
  else return yield* cleaned(step.body, step.cleanup);
  return undefined;
}

function* caught(body: Program, handler: Program): Generator<unknown, Returned, unknown> {
  try {
    return yield* block(body);
  } catch {
    return yield* block(handler);
  }
}

function* cleaned(body: Program, cleanup: Program): Generator<unknown, Returned, unknown> {
  try {
    return yield* block(body);
  } finally {
    const result = yield* block(cleanup);
    // biome-ignore lint/correctness/noUnsafeFinally: as Python has it
    if (result) return result;
  }
}

function act(one: Coroutine<unknown, unknown, unknown>, step: Act): unknown {
  if (step.act === "send") return one.send(step.value);
  if (step.act === "throw") return one.throw(step.error);
  return one[step.act]();
}

function outcomeOf(one: Coroutine<unknown, unknown, unknown>, step: Act): Outcome {
  try {
    return { gave: act(one, step) };
  } catch (error) {
    if (errors.includes(error as Error)) return { threw: error };
    if (error instanceof StopIteration) return ended(error.value);
    return { threw: (error as { code?: string }).code ?? error };
  }
}

function expectedOf(model: Model, step: Act): Outcome {
  if (step.act === "send") return model.send(step.value);
  if (step.act === "throw") return model.throw(step.error);
  return step.act === "next" ? model.send(undefined) : model.close();
}

const seed = process.env.CORDAGE_SEED === undefined ? undefined : Number(process.env.CORDAGE_SEED);

test("coroutines do what a model of CPython's generators does, whatever they are and whatever is done to them", () => {
  fc.assert(
    fc.property(program, script, (steps, acts) => {
      const one = interpret(steps);
      const model = new Model(steps);
      for (const step of acts) {
        expect(outcomeOf(one, step)).toEqual(expectedOf(model, step));
        expect(one.state).toBe(model.state);
      }
    }),
    { numRuns: 3000, seed },
  );
});
