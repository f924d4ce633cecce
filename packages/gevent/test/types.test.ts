import {
  event,
  Greenlet,
  iwait,
  type joinAll,
  local,
  lock,
  type pool,
  queue,
  run,
  sleep,
  spawn,
  spawnLater,
  type TimeOptions,
  Timeout,
  wait,
  withTimeout,
} from "@cordage/gevent";
import type { Greenlet as Raw } from "@cordage/greenlet";
import { test } from "@jest/globals";
import { expectTypeOf } from "expect-type";

declare const adds: (a: number, b: string) => boolean;

// The types themselves are checked by `npm run lint`: none of these functions is called.
function spawned(): void {
  expectTypeOf(spawn(adds, 1, "2")).toEqualTypeOf<Greenlet<boolean>>();
  expectTypeOf(spawnLater(5, adds, 1, "2").get()).toEqualTypeOf<boolean>();
  expectTypeOf(spawn(() => undefined).value).toEqualTypeOf<undefined>();
  expectTypeOf(new Greenlet(adds, 1, "2").get()).toEqualTypeOf<boolean>();
  expectTypeOf(new Greenlet(adds)).toExtend<Raw>();
  expectTypeOf(spawn(adds, 1, "2").join()).toEqualTypeOf<void>();
  expectTypeOf<Parameters<Greenlet["join"]>>().toEqualTypeOf<[options?: TimeOptions]>();
  spawn(adds, 1, "2").link(new event.AsyncResult<boolean>());
  spawn(adds, 1, "2").link((one) => expectTypeOf(one).toExtend<Raw>());
}

function waited(greenlets: Greenlet<number>[], events: event.Event[]): void {
  expectTypeOf(run(() => 5)).toEqualTypeOf<Promise<number>>();
  expectTypeOf(run(async () => 5)).toEqualTypeOf<Promise<number>>();
  expectTypeOf(wait(Promise.resolve("a"))).toEqualTypeOf<string>();
  expectTypeOf(wait(greenlets)).toEqualTypeOf<Greenlet<number>[]>();
  expectTypeOf(wait([...greenlets, ...events])).toEqualTypeOf<Array<Greenlet<number> | event.Event>>();
  expectTypeOf(wait()).toEqualTypeOf<boolean>();
  expectTypeOf(wait(null, { timeout: 5 })).toEqualTypeOf<boolean>();
  expectTypeOf(iwait(events)).toEqualTypeOf<Generator<event.Event, void>>();
  expectTypeOf<ReturnType<typeof joinAll<Greenlet<number>>>>().toEqualTypeOf<Greenlet<number>[]>();
  expectTypeOf(wait(Promise.resolve("a"), { signal: AbortSignal.timeout(5) })).toEqualTypeOf<string>();
  expectTypeOf(sleep(5, new AbortController())).toEqualTypeOf<void>();
  expectTypeOf(withTimeout(5, () => 1)).toEqualTypeOf<number>();
  expectTypeOf(withTimeout(5, () => 1, { timeoutValue: "late" })).toEqualTypeOf<number | string>();
  expectTypeOf(new Timeout(5, false).run(() => 1)).toEqualTypeOf<number | undefined>();
}

function held(): void {
  expectTypeOf(new queue.Queue<number>().get()).toEqualTypeOf<number>();
  expectTypeOf(
    new queue.PriorityQueue(0, ["a"], (a: string, b: string) => a.length - b.length).peek(),
  ).toEqualTypeOf<string>();
  expectTypeOf(new queue.Channel<Date>().getNoWait()).toEqualTypeOf<Date>();
  expectTypeOf([...new queue.SimpleQueue<number>()]).toEqualTypeOf<number[]>();
  expectTypeOf(new event.AsyncResult<number>().get({ timeout: new Timeout(5) })).toEqualTypeOf<number>();
  expectTypeOf(new event.AsyncResult<number>().wait()).toEqualTypeOf<number | undefined>();
  expectTypeOf(new lock.Semaphore().acquire()).toEqualTypeOf<boolean>();
  expectTypeOf(new lock.RLock().hold()).toEqualTypeOf<Disposable>();
  expectTypeOf(local<{ x: number }>().x).toEqualTypeOf<number>();
  expectTypeOf(local(() => new Map<string, number>()).get("a")).toEqualTypeOf<number | undefined>();
}

function pooled(p: pool.Pool): void {
  expectTypeOf(p.spawn(adds, 1, "2")).toEqualTypeOf<Greenlet<boolean>>();
  expectTypeOf(p.apply(adds, [1, "2"])).toEqualTypeOf<boolean>();
  expectTypeOf(p.applyAsync(adds, [1, "2"], (value) => expectTypeOf(value).toEqualTypeOf<boolean>())).toEqualTypeOf<
    Greenlet<boolean>
  >();
  expectTypeOf(p.map((x: number) => String(x), [1])).toEqualTypeOf<string[]>();
  expectTypeOf(p.imap((x: number) => String(x), new Set([1]))).toEqualTypeOf<IterableIterator<string>>();
  expectTypeOf([...p]).toExtend<Raw[]>();
}

function refused(p: pool.Pool): void {
  // @ts-expect-error: it must be a function
  spawn(1);
  // @ts-expect-error: an argument is missing
  spawn(adds, 1);
  // @ts-expect-error: an argument is of another type
  spawn(adds, 1, 2);
  // @ts-expect-error: in milliseconds, as a number
  spawnLater("5", adds, 1, "2");
  // @ts-expect-error: options are an object
  new event.Event().wait(5);
  // @ts-expect-error: no such option
  new lock.Semaphore().acquire({ blocking: false });
  // @ts-expect-error: numbers only
  new queue.Queue<number>().put("a");
  // @ts-expect-error: arguments are an array of those of the function
  p.apply(adds, ["2", 1]);
  // @ts-expect-error: not something that can be waited for
  wait([5]);
  // @ts-expect-error: nobody but itself can end
  spawn(adds, 1, "2").dead = true;
}

test("types are those of the documentation, and wrong calls are refused", () => {
  for (const checked of [spawned, waited, held, pooled, refused]) expectTypeOf(checked).toBeFunction();
});
