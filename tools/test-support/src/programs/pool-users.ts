/** Those who use a pool, and are killed, as its jobs are. */
import { expect } from "@jest/globals";
import fc from "fast-check";

/** A job that goes on for some turns, and may fail in the end; begun in one of several ways. */
export const jobs = <W extends string>(...ways: W[]) =>
  fc.record({ do: fc.constantFrom(...ways), turns: fc.nat(3), fails: fc.boolean() });

/** So many items, which may not all be taken. */
export const partly = <W extends string>(how: W) =>
  fc.record({ do: fc.constant(how), items: fc.nat(6), leaveAt: fc.nat(8) });

export const kills = fc.record({
  do: fc.constant("kill" as const),
  what: fc.constantFrom("user" as const, "job" as const),
  who: fc.nat(20),
});

export interface PoolProgram<A> {
  size: number;
  users: A[][];
}

export const poolPrograms = <A>(act: fc.Arbitrary<A>): fc.Arbitrary<PoolProgram<A>> =>
  fc.record({
    size: fc.integer({ min: 1, max: 3 }),
    users: fc.array(fc.array(act, { maxLength: 8 }), { minLength: 1, maxLength: 6 }),
  });

/** Expect that there are never more members than fit; know what their jobs have thrown, and what of that they were thrown. */
export abstract class PoolUsers<A> {
  readonly thrown: unknown[] = [];
  readonly caught: unknown[] = [];
  protected running = 0;

  /** @param pass lets the others have a turn, @param Refusal the class of errors that are no failures */
  constructor(
    private readonly size: number,
    private readonly pass: () => void,
    private readonly Refusal: abstract new (...args: any[]) => unknown,
  ) {}

  protected abstract perform(one: A): void;

  protected use(acts: A[]): void {
    for (const one of acts) this.attempt(one);
  }

  private attempt(one: A): void {
    try {
      this.perform(one);
    } catch (error) {
      if (this.thrown.includes(error)) this.caught.push(error);
      else if (!(error instanceof this.Refusal)) throw error;
    }
  }

  protected job(turns: number, fails: boolean): void {
    for (let i = 0; i < turns; i++) this.pass();
    if (!fails) return;
    const error = new Error("of a job");
    this.thrown.push(error);
    throw error;
  }

  /** The body of a member. */
  protected member(body: () => void): void {
    try {
      expect(++this.running).toBeLessThanOrEqual(this.size);
      body();
    } finally {
      this.running--;
    }
  }
}

type ErrorHandler = (error: unknown, greenlet: any) => void;

/** Each error of a job is had by who waits for it, or reported, once. */
export async function errorsAreHeardOnce(
  setErrorHandler: (handler: ErrorHandler) => ErrorHandler,
  execute: () => Promise<PoolUsers<any>>,
): Promise<void> {
  const reported: unknown[] = [];
  const before = setErrorHandler((error) => void reported.push(error));
  try {
    const users = await execute();
    const heard = [...users.caught, ...reported];
    expect(heard).toHaveLength(users.thrown.length);
    expect(new Set(heard)).toEqual(new Set(users.thrown));
  } finally {
    setErrorHandler(before);
  }
}
