import {
  engine,
  Greenlet,
  GreenletError,
  GreenletExit,
  getCurrent,
  getTrace,
  greenlet,
  type Run,
  setTrace,
  type TraceCallback,
} from "@cordage/greenlet";
import type { CordageError } from "@cordage/ipc";
import { test } from "@jest/globals";
import { expectTypeOf } from "expect-type";

class Adds extends Greenlet {
  override run(a: number, b: number): number {
    return a + b;
  }
}

// The types themselves are checked by `npm run lint`: none of these functions is called.
function made(): void {
  expectTypeOf(greenlet).parameters.toEqualTypeOf<[run?: Run | null, parent?: Greenlet | null]>();
  expectTypeOf(greenlet()).toEqualTypeOf<Greenlet>();
  expectTypeOf(greenlet((a: number) => a, getCurrent())).toEqualTypeOf<Greenlet>();
  expectTypeOf(new Greenlet(() => undefined, null)).toEqualTypeOf<Greenlet>();
  expectTypeOf(new Adds()).toExtend<Greenlet>();
  expectTypeOf(new Adds().run(1, 2)).toEqualTypeOf<number>();
}

function used(g: Greenlet): void {
  expectTypeOf(g.switch).parameters.toEqualTypeOf<unknown[]>();
  expectTypeOf(g.switch(1, "2")).toEqualTypeOf<unknown>();
  expectTypeOf(g.throw(new Error())).toEqualTypeOf<unknown>();
  expectTypeOf(g.throw()).toEqualTypeOf<unknown>();
  expectTypeOf(g.parent).toEqualTypeOf<Greenlet | undefined>();
  expectTypeOf(g.dead).toEqualTypeOf<boolean>();
  expectTypeOf(g.started).toEqualTypeOf<boolean>();
  expectTypeOf(g.toString()).toEqualTypeOf<string>();
  expectTypeOf(getCurrent()).toEqualTypeOf<Greenlet>();
  expectTypeOf(engine).toEqualTypeOf<"stack" | "threads">();
  g.run = (a: number) => a;
  g.run = undefined;
  g.parent = getCurrent();
}

function traced(): void {
  expectTypeOf(setTrace((event, [origin, target]) => [event, origin, target])).toEqualTypeOf<
    TraceCallback | undefined
  >();
  expectTypeOf(getTrace()).toEqualTypeOf<TraceCallback | undefined>();
  expectTypeOf<TraceCallback>().parameter(0).toEqualTypeOf<"switch" | "throw">();
  expectTypeOf<TraceCallback>().parameter(1).toEqualTypeOf<[origin: Greenlet, target: Greenlet]>();
}

function errors(): void {
  expectTypeOf(new GreenletError("ERR_NO_RUN", "none")).toExtend<CordageError>();
  expectTypeOf(new GreenletExit()).toExtend<Error>();
}

function refused(g: Greenlet): void {
  // @ts-expect-error: it must be a function
  greenlet(1);
  // @ts-expect-error: the parent must be a greenlet
  greenlet(() => 1, {});
  // @ts-expect-error: not a class
  new greenlet(() => 1);
  // @ts-expect-error: not a class
  class Wrong extends greenlet {}
  expectTypeOf(Wrong);
  // @ts-expect-error: nobody but itself can end
  g.dead = true;
  // @ts-expect-error: nobody but itself can start
  g.started = true;
  // @ts-expect-error: a parent is a greenlet
  g.parent = undefined;
  // @ts-expect-error: a result can be anything
  g.switch().length;
}

test("types are those of the documentation, and wrong calls are refused", () => {
  for (const checked of [made, used, traced, errors, refused]) expectTypeOf(checked).toBeFunction();
});
