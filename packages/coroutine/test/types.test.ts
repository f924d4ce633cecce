import { type Coroutine, type CoroutineState, coroutine, delegate, primed, StopIteration } from "@cordage/coroutine";
import { test } from "@jest/globals";
import { expectTypeOf } from "expect-type";

interface Account {
  balance: number;
}

declare function counts(from: number, step?: number): Generator<number, string, boolean>;
declare function pairs<T>(items: T[]): Generator<[T, T], T | undefined, void>;
declare function pays(this: Account, amount: number): Generator<number, void, unknown>;

// The types themselves are checked by `npm run lint`: none of these functions is called.
function made(): void {
  const make = coroutine(counts);
  expectTypeOf(make).parameters.toEqualTypeOf<[from: number, step?: number]>();
  const one = make(1, 2);
  expectTypeOf(one).toEqualTypeOf<Coroutine<number, string, boolean>>();
  expectTypeOf(one.next()).toEqualTypeOf<number>();
  expectTypeOf(one.send).parameter(0).toEqualTypeOf<boolean>();
  expectTypeOf(one.send(true)).toEqualTypeOf<number>();
  expectTypeOf(one.throw).parameter(0).toEqualTypeOf<unknown>();
  expectTypeOf(one.throw(new Error())).toEqualTypeOf<number>();
  expectTypeOf(one.close()).toEqualTypeOf<string | undefined>();
  expectTypeOf(one.state).toEqualTypeOf<CoroutineState>();
  expectTypeOf(primed(counts)).toEqualTypeOf(make);
  expectTypeOf(new StopIteration("over").value).toEqualTypeOf<string>();
}

function generic(): void {
  const make = coroutine(pairs);
  const one = make(["a"]);
  expectTypeOf(one.next()).toEqualTypeOf<[string, string]>();
  expectTypeOf(one.close()).toEqualTypeOf<string | undefined>();
  expectTypeOf(coroutine(pairs)([1]).next()).toEqualTypeOf<[number, number]>();
  expectTypeOf(primed(pairs)([1]).send()).toEqualTypeOf<[number, number]>();
}

function inferred(): void {
  const averager = coroutine(function* () {
    for (let sum = 0, n = 0; ; ) {
      const value: number = yield n === 0 ? 0 : sum / n;
      sum += value;
      n++;
    }
  });
  expectTypeOf(averager()).toEqualTypeOf<Coroutine<number, never, number>>();

  const outer = coroutine(function* () {
    const returned = yield* coroutine(counts)(1);
    expectTypeOf(returned).toEqualTypeOf<string>();
    const delegated = yield* delegate(counts(1));
    expectTypeOf(delegated).toEqualTypeOf<string>();
    return returned.length;
  });
  expectTypeOf(outer()).toEqualTypeOf<Coroutine<number, number, boolean>>();
  expectTypeOf(delegate(["a"])).toExtend<Generator<string, unknown, any>>();
}

function withThis(account: Account & { pay?: unknown }): void {
  const pay = coroutine(pays);
  expectTypeOf<ThisParameterType<typeof pay>>().toEqualTypeOf<Account>();
  expectTypeOf(pay.call(account, 1)).toEqualTypeOf<Coroutine<number, void, unknown>>();
  const rich = { balance: 10, pay };
  expectTypeOf(rich.pay(1).next()).toEqualTypeOf<number>();
  expectTypeOf([...rich.pay(1)]).toEqualTypeOf<number[]>();
}

function accepted(one: Coroutine<number, string, boolean>): void {
  expectTypeOf(one).toExtend<Iterable<number, string, boolean>>();
  expectTypeOf(one).toExtend<Coroutine<number>>();
  expectTypeOf(one).toExtend<Disposable>();
  one.name = "counter";
}

function refused(one: Coroutine<number, string, boolean>): void {
  // @ts-expect-error: it takes a boolean
  one.send(1);
  // @ts-expect-error: it has to be sent something
  one.send();
  // @ts-expect-error: a loop sends undefined, as with generators
  [...one];
  // @ts-expect-error: its state is its own
  one.state = "closed";
  // @ts-expect-error: a name is a text
  one.name = 1;
  // @ts-expect-error: it needs a number
  coroutine(counts)("1");
  // @ts-expect-error: an argument too few
  primed(counts)();
  // @ts-expect-error: this must be an account
  coroutine(pays)(1);
  // @ts-expect-error: no generator function
  coroutine(async () => 1);
  // @ts-expect-error: an asynchronous generator function
  coroutine(async function* () {});
  // @ts-expect-error: a generator, not the function that makes one
  coroutine(counts(1));
  // @ts-expect-error: not iterable
  delegate(1);
}

test("types come from the generator function, and wrong calls are refused", () => {
  for (const checked of [made, generic, inferred, withThis, accepted, refused]) expectTypeOf(checked).toBeFunction();
});
