import type { SharedValue } from "@cordage/ipc";
import type { AsyncResult, ImapIterator, Pool, PoolStats, ThreadPool } from "@cordage/pool";
import { Pool as RealPool } from "@cordage/pool";
import { test } from "@jest/globals";
import { expectTypeOf } from "expect-type";

declare const add: (a: number, b: string) => boolean;
declare const fetched: (url: string, times?: number) => Promise<Buffer>;
declare const nothing: () => void;

// The types themselves are checked by `npm run lint`: none of these calls is made.
function calls(pool: Pool): void {
  expectTypeOf(pool.apply(add, [1, "2"])).toEqualTypeOf<Promise<boolean>>();
  expectTypeOf(pool.apply(fetched, ["url"])).toEqualTypeOf<Promise<Buffer>>();
  expectTypeOf(pool.apply(nothing)).toEqualTypeOf<Promise<void>>();
  expectTypeOf(pool.applyAsync(add, [1, "2"])).toEqualTypeOf<AsyncResult<boolean>>();
  expectTypeOf(pool.applyAsync(add, [1, "2"]).get()).toEqualTypeOf<Promise<boolean>>();
  expectTypeOf(pool.applyAsync(fetched, ["url"]).getSync()).toEqualTypeOf<Buffer>();
  expectTypeOf(pool.map(fetched, ["url"])).toEqualTypeOf<Promise<Buffer[]>>();
  expectTypeOf(pool.map(fetched, new Set(["url"]))).toEqualTypeOf<Promise<Buffer[]>>();
  expectTypeOf(pool.mapAsync(fetched, ["url"])).toEqualTypeOf<AsyncResult<Buffer[]>>();
  expectTypeOf(pool.starmap(add, [[1, "2"]])).toEqualTypeOf<Promise<boolean[]>>();
  expectTypeOf(pool.starmapAsync(add, [[1, "2"]])).toEqualTypeOf<AsyncResult<boolean[]>>();
  expectTypeOf(pool.imap(fetched, ["url"])).toEqualTypeOf<ImapIterator<Buffer>>();
  expectTypeOf(pool.imapUnordered(fetched, ["url"])[Symbol.asyncIterator]()).toEqualTypeOf<ImapIterator<Buffer>>();
  expectTypeOf(pool.imap(fetched, ["url"]).next()).toEqualTypeOf<Promise<IteratorResult<Buffer, undefined>>>();
  expectTypeOf(pool.apply<typeof add>(new URL("file:///a.mjs#add"), [1, "2"])).toEqualTypeOf<Promise<boolean>>();
  expectTypeOf(pool.stats()).toEqualTypeOf<PoolStats>();
  expectTypeOf<ThreadPool>().toExtend<Pool>();
  pool.applyAsync(fetched, ["url"], { callback: (value) => expectTypeOf(value).toEqualTypeOf<Buffer>() });
  pool.mapAsync(fetched, ["url"], { callback: (values) => expectTypeOf(values).toEqualTypeOf<Buffer[]>() });
}

function refused(pool: Pool, counter: SharedValue<"int32">): void {
  // @ts-expect-error: the second argument is a text
  pool.apply(add, [1, 2]);
  // @ts-expect-error: one argument too few
  pool.apply(add, [1]);
  // @ts-expect-error: one argument too many
  pool.apply(nothing, [1]);
  // @ts-expect-error: not a list of arguments
  pool.applyAsync(fetched, "url");
  // @ts-expect-error: items are URLs
  pool.map(fetched, [1]);
  // @ts-expect-error: items are lists of arguments
  pool.starmap(add, [1, 2]);
  // @ts-expect-error: the order of the arguments
  pool.starmap(add, [["1", 2]]);
  // @ts-expect-error: items are URLs
  pool.imap(fetched, [counter]);
  // @ts-expect-error: an asynchronous input is for map and imap
  pool.mapAsync(fetched, (async function* () {})());
  // @ts-expect-error: not a function
  pool.apply("add", [1, "2"]);
  // @ts-expect-error: no such option
  pool.map(fetched, ["url"], { buffersize: 3 });
  // @ts-expect-error: the callback's value is a Buffer
  pool.applyAsync(fetched, ["url"], { callback: (_value: string) => {} });
  // @ts-expect-error: a number
  new RealPool({ processes: "2" });
}

test("calls have the types of their functions, and wrong ones are refused", () => {
  expectTypeOf(calls).toBeFunction();
  expectTypeOf(refused).toBeFunction();
});
