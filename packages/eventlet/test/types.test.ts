import {
  CappedSemaphore,
  connect,
  Event,
  type GreenPile,
  type GreenPool,
  GreenThread,
  listen,
  PriorityQueue,
  Queue,
  run,
  serve,
  type socket,
  spawn,
  spawnAfter,
  spawnAfterLocal,
  spawnN,
  type Timeout,
  tpool,
  withTimeout,
  wsgi,
} from "@cordage/eventlet";
import type { Greenlet } from "@cordage/greenlet";
import { test } from "@jest/globals";
import { expectTypeOf } from "expect-type";

declare const adds: (a: number, b: string) => boolean;
declare const later: (a: number) => Promise<string>;
declare const timeout: Timeout;

// The types themselves are checked by `npm run lint`: none of these functions is called.
function spawned(): void {
  expectTypeOf(run(() => 5)).toEqualTypeOf<Promise<number>>();
  expectTypeOf(spawn(adds, 1, "2")).toEqualTypeOf<GreenThread<boolean>>();
  expectTypeOf(spawn(adds, 1, "2").wait()).toEqualTypeOf<boolean>();
  expectTypeOf(spawnN(adds, 1, "2")).toEqualTypeOf<Greenlet>();
  expectTypeOf(spawnAfter(5, adds, 1, "2").wait()).toEqualTypeOf<boolean>();
  expectTypeOf(spawnAfterLocal(5, adds, 1, "2").wait()).toEqualTypeOf<boolean | undefined>();
  spawn(adds, 1, "2").link(
    (thread, n: number) => expectTypeOf([thread.wait(), n]).toEqualTypeOf<(boolean | number)[]>(),
    5,
  );
  expectTypeOf(withTimeout(5, () => 1)).toEqualTypeOf<number>();
  expectTypeOf(withTimeout(5, () => 1, { timeoutValue: "late" })).toEqualTypeOf<number | string>();
}

function held(): void {
  expectTypeOf(new Event<number>().wait()).toEqualTypeOf<number>();
  expectTypeOf(new Event<number>().wait({ timeout: 5 })).toEqualTypeOf<number | undefined>();
  expectTypeOf(new Event<number>().poll("none")).toEqualTypeOf<number | string>();
  expectTypeOf(new Queue<number>().get({ timeout })).toEqualTypeOf<number>();
  expectTypeOf(new PriorityQueue(0, (a: string, b: string) => a.length - b.length).getNoWait()).toEqualTypeOf<string>();
  expectTypeOf(new CappedSemaphore(1, 2).release()).toEqualTypeOf<boolean>();
}

function pooled(pool: GreenPool, pile: GreenPile<number>): void {
  expectTypeOf(pool.spawn(adds, 1, "2")).toEqualTypeOf<GreenThread<boolean>>();
  expectTypeOf(pool.spawnN(adds, 1, "2")).toEqualTypeOf<void>();
  expectTypeOf([...pool.imap(adds, [1], new Set(["2"]))]).toEqualTypeOf<boolean[]>();
  expectTypeOf([...pool.imap((x) => x.length, ["a"])]).toEqualTypeOf<number[]>();
  expectTypeOf([...pool.starmap(adds, [[1, "2"]])]).toEqualTypeOf<boolean[]>();
  expectTypeOf([...pile]).toEqualTypeOf<number[]>();
}

function served(application: wsgi.Application): void {
  expectTypeOf(connect(["127.0.0.1", 80])).toEqualTypeOf<socket.Socket>();
  serve(listen(["127.0.0.1", 80]), (connection) => expectTypeOf(connection).toEqualTypeOf<socket.Socket>());
  wsgi.server(listen("/tmp/socket"), application, { maxSize: 5, keepAliveTimeout: 5 });
  expectTypeOf(tpool.execute(adds, 1, "2")).toEqualTypeOf<boolean>();
  expectTypeOf(tpool.execute(later, 1)).toEqualTypeOf<string>();
  expectTypeOf(tpool.proxy({ adds, later, five: 5 }).later(1)).toEqualTypeOf<string>();
  expectTypeOf(tpool.proxy({ adds, later, five: 5 }).five).toEqualTypeOf<number>();
}

function refused(pool: GreenPool, pile: GreenPile<number>): void {
  // @ts-expect-error: it must be a function
  spawn(1);
  // @ts-expect-error: an argument is missing
  spawn(adds, 1);
  // @ts-expect-error: an argument is of another type
  pool.spawn(adds, 1, 2);
  // @ts-expect-error: in milliseconds, as a number
  spawnAfter("5", adds, 1, "2");
  // @ts-expect-error: options are an object
  new Event().wait(5);
  // @ts-expect-error: numbers only
  pile.spawn(() => "a");
  // @ts-expect-error: an iterable for each argument
  pool.imap(adds, [1]);
  // @ts-expect-error: arrays of arguments
  pool.starmap(adds, [1]);
  // @ts-expect-error: spawn makes them
  new GreenThread();
}

test("types are those of the documentation, and wrong calls are refused", () => {
  for (const checked of [spawned, held, pooled, served, refused]) expectTypeOf(checked).toBeFunction();
});
