/**
 * Random programs of greenlets, as data, and what runs them: on greenlets (the machine of model.test.ts), on the model
 * (greenlet-model.ts), and, read as JSON, on CPython's greenlet (fixtures/reference.py). Each notes the same lines.
 */
import fc from "fast-check";

/** The number of one's body, or MAIN. */
export type Who = number;
export const MAIN = -1;
export const SLOTS = 4;
/** What may be thrown: three errors, and a GreenletExit. */
export type Thrown = "a" | "b" | "c" | "exit";

export type Step =
  | { do: "switch"; to: Who; values: number[] }
  | { do: "throw"; to: Who; error: Thrown }
  | { do: "raise"; error: Thrown }
  | { do: "return"; value: number | null }
  | { do: "make"; who: Who; parent: Who | null }
  | { do: "parent"; of: Who; to: Who }
  | { do: "run"; of: Who }
  | { do: "trace"; how: "on" | "off" | "raise" }
  | { do: "look" }
  | { do: "catch"; what: "errors" | "everything"; body: Step[]; handler: Step[] }
  | { do: "finally"; body: Step[]; cleanup: Step[] };

export interface Program {
  main: Step[];
  bodies: Step[][];
  /** Whose greenlets are made without a function to run. */
  idle: boolean[];
}

/** Steps of all greenlets together; what is left then ends. */
const MOST_STEPS = 150;

const who = fc.integer({ min: MAIN, max: SLOTS - 1 });
const slot = fc.integer({ min: 0, max: SLOTS - 1 });
const thrown = fc.constantFrom<Thrown>("a", "b", "c", "exit");
const value = fc.integer({ min: 0, max: 99 });

const leaf: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({ do: fc.constant("switch"), to: who, values: fc.array(value, { maxLength: 2 }) }),
  },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("throw"), to: who, error: thrown }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("raise"), error: thrown }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("return"), value: fc.option(value) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("make"), who: slot, parent: fc.option(who) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("parent"), of: who, to: who }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("run"), of: slot }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("trace"), how: fc.constantFrom("on" as const, "on", "off", "raise") }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("look") }) },
);

const { steps } = fc.letrec<{ step: Step; steps: Step[] }>((tie) => ({
  steps: fc.array(tie("step"), { maxLength: 5 }),
  step: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    leaf,
    leaf,
    fc.record({
      do: fc.constant("catch"),
      what: fc.constantFrom("errors", "everything"),
      body: tie("steps"),
      handler: tie("steps"),
    }),
    fc.record({ do: fc.constant("finally"), body: tie("steps"), cleanup: tie("steps") }),
  ),
}));

const makeAll: Step[] = Array.from({ length: SLOTS }, (_, one) => ({ do: "make", who: one, parent: null }));

export const program: fc.Arbitrary<Program> = fc.record({
  main: fc.tuple(steps, steps).map((parts) => [...makeAll, ...parts.flat()]),
  bodies: fc.array(steps, { minLength: SLOTS, maxLength: SLOTS }),
  idle: fc.array(
    fc.integer({ max: 7, min: 0 }).map((n) => n === 0),
    { minLength: SLOTS, maxLength: SLOTS },
  ),
});

/** What a body does while it waits for its turn is the machine's business: greenlets wait in the call, the model in a `yield`. */
export type Turn<R = unknown> = Generator<unknown, R, any>;
export type Body = (...args: unknown[]) => Turn;

export interface Machine {
  switchTo(to: Who, values: number[]): Turn;
  throwInto(to: Who, error: Thrown): Turn;
  raise(error: Thrown): never;
  /** Not if there is one that is active. */
  make(who: Who, label: string, body: Body | undefined, parent: Who | null): void;
  /** Why it was refused, if it was. */
  setParent(of: Who, to: Who): string | undefined;
  setRun(of: Who, body: Body): string | undefined;
  trace(listener: ((event: string, origin: string, target: string) => void) | undefined): void;
  isActive(who: Who): boolean;
  isDead(who: Who): boolean;
  exists(who: Who): boolean;
  labelOf(who: Who): string;
  parentOf(who: Who): string;
  current(): string;
  /** Of what was caught: "a", "exit", "no run". */
  nameOf(error: unknown): string;
}

interface Returned {
  returned: number | null;
}

export class Interpreter {
  readonly log: string[] = [];
  private steps = 0;
  private made = 0;

  constructor(
    private readonly program: Program,
    private readonly machine: Machine,
  ) {}

  /** The body of the main greenlet: in the end nobody is active but itself. */
  *main(): Turn<void> {
    yield* this.guarded(() => this.block(this.program.main));
    this.machine.trace(undefined);
    this.steps = MOST_STEPS;
    for (let one = 0; one < SLOTS; one++) {
      while (this.machine.isActive(one)) {
        this.machine.setParent(one, MAIN);
        yield* this.guarded(() => this.perform({ do: "throw", to: one, error: "exit" }));
      }
    }
    this.look();
  }

  private *guarded(body: () => Turn): Turn<void> {
    try {
      yield* body();
    } catch (error) {
      this.note(`failed with ${this.machine.nameOf(error)}`);
    }
  }

  private bodyOf(who: Who): Body {
    const interpreter = this;
    return function* (...args) {
      interpreter.note(`begins with ${args.map(shown).join(" ") || "nothing"}`);
      const result = yield* interpreter.block(interpreter.program.bodies[who]!);
      interpreter.note("ends");
      return result?.returned ?? undefined;
    };
  }

  private *block(steps: Step[]): Turn<Returned | undefined> {
    for (const step of steps) {
      if (this.steps++ >= MOST_STEPS) return undefined;
      const result = yield* this.perform(step);
      if (result) return result;
    }
    return undefined;
  }

  private *perform(step: Step): Turn<Returned | undefined> {
    const { machine } = this;
    if (step.do === "switch") yield* this.send(step.to, () => machine.switchTo(step.to, step.values));
    else if (step.do === "throw") yield* this.send(step.to, () => machine.throwInto(step.to, step.error));
    else if (step.do === "raise") machine.raise(step.error);
    else if (step.do === "return") return { returned: step.value };
    else if (step.do === "catch") return yield* this.caught(step);
    else if (step.do === "finally") return yield* this.cleaned(step);
    else if (step.do === "look") this.look();
    else if (step.do === "trace") this.trace(step.how);
    else this.change(step);
    return undefined;
  }

  private *send(to: Who, send: () => Turn): Turn<void> {
    if (!this.machine.exists(to)) return;
    this.note(`is given ${shown(yield* send())}`);
  }

  private *caught({ body, handler, what }: Step & { do: "catch" }): Turn<Returned | undefined> {
    try {
      return yield* this.block(body);
    } catch (error) {
      const name = this.machine.nameOf(error);
      if (name === "exit" && what === "errors") throw error;
      this.note(`catches ${name}`);
      return yield* this.block(handler);
    }
  }

  private *cleaned({ body, cleanup }: Step & { do: "finally" }): Turn<Returned | undefined> {
    try {
      return yield* this.block(body);
    } finally {
      this.note("cleans up");
      const result = yield* this.block(cleanup);
      // biome-ignore lint/correctness/noUnsafeFinally: as Python has it
      if (result) return result;
    }
  }

  private change(step: Step & { do: "make" | "parent" | "run" }): void {
    const { machine } = this;
    if (step.do === "make") this.make(step.who, step.parent);
    else if (!machine.exists(step.of)) return;
    else if (step.do === "run") this.note(`sets run: ${machine.setRun(step.of, this.bodyOf(step.of)) ?? "done"}`);
    else if (machine.exists(step.to)) this.note(`sets a parent: ${machine.setParent(step.of, step.to) ?? "done"}`);
  }

  private make(who: Who, parent: Who | null): void {
    const { machine, program } = this;
    if (machine.exists(who) && machine.isActive(who)) return;
    if (parent !== null && !machine.exists(parent)) return;
    machine.make(who, `${who}.${this.made++}`, program.idle[who] ? undefined : this.bodyOf(who), parent);
  }

  private trace(how: "on" | "off" | "raise"): void {
    const { machine } = this;
    if (how === "off") machine.trace(undefined);
    else
      machine.trace((event, origin, target) => {
        this.log.push(`${event} from ${origin} to ${target}, in ${machine.current()}`);
        if (how === "raise") machine.raise("c");
      });
  }

  private look(): void {
    const { machine } = this;
    const all = Array.from({ length: SLOTS }, (_, one) => one).filter((one) => machine.exists(one));
    const states = all.map((one) => {
      const state = machine.isActive(one) ? "active" : machine.isDead(one) ? "dead" : "new";
      return `${machine.labelOf(one)} ${state} under ${machine.parentOf(one)}`;
    });
    this.note(`sees ${states.join(", ")}`);
  }

  private note(what: string): void {
    this.log.push(`${this.machine.current()} ${what}`);
  }
}

function shown(value: unknown): string {
  if (value === undefined || value === null) return "nothing";
  if (Array.isArray(value)) return `[${value.map(shown).join(" ")}]`;
  return typeof value === "number" ? String(value) : "exit";
}
