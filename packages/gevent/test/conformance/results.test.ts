/** Results that come later. Source: TestAsyncResult of gevent's test__event. */
import { event, idle, spawn, Timeout } from "@cordage/gevent";
import { thrownBy } from "@cordage/test-support";
import { describe, expect } from "@jest/globals";
import { green } from "../support/green.js";

const { AsyncResult } = event;

describe("a result", () => {
  // 156 TestAsyncResult.test_set_exc
  green("can be an error, the very one", () => {
    const result = new AsyncResult();
    expect([result.ready(), result.successful(), result.value, result.exception]).toEqual([
      false,
      false,
      undefined,
      undefined,
    ]);
    const waiter = spawn(() => thrownBy(() => result.get()));
    idle();
    const error = new Error("set");
    result.setException(error);
    expect(waiter.get()).toBe(error);
    expect([result.ready(), result.successful(), result.exception]).toEqual([true, false, error]);
    expect(thrownBy(() => result.getNoWait())).toBe(error);
    expect(result.wait()).toBeUndefined();
  });

  green("is for all who wait, and for those who come later", () => {
    const result = new AsyncResult<number>();
    const waiters = [spawn(() => result.get()), spawn(() => result.wait())];
    idle();
    result.set(5);
    expect(waiters.map((one) => one.get())).toEqual([5, 5]);
    expect([result.get(), result.wait(), result.getNoWait(), result.successful()]).toEqual([5, 5, 5, true]);
  });

  green("may be set again: the latest counts", () => {
    const result = new AsyncResult<number>();
    result.setException(new Error("first"));
    result.set(2);
    expect([result.get(), result.exception]).toEqual([2, undefined]);
  });

  green("may be undefined", () => {
    const result = new AsyncResult<undefined>();
    result.set(undefined);
    expect([result.ready(), result.get()]).toEqual([true, undefined]);
  });

  // 157 TestAsyncResult.test_set, 5 AbstractGenericGetTestCase.test_raises_timeout_Timeout_exc_customized
  green("that is waited for is interrupted by a timeout, with its error", () => {
    const result = new AsyncResult();
    const error = new RangeError("customized");
    const timeout = Timeout.startNew(0, error);
    expect(thrownBy(() => result.get())).toBe(error);
    timeout.cancel();
    result.set(1);
    expect(result.get()).toBe(1);
  });

  // 4 AbstractGenericGetTestCase.test_raises_timeout_Timeout, 159 TestAsyncResult.test_nonblocking_get
  // 2 AbstractGenericWaitTestCase.test_returns_none_after_timeout
  green("that is not there in time", () => {
    const result = new AsyncResult();
    for (const timeout of [5, 0, -1]) {
      expect(thrownBy(() => result.get({ timeout }))).toBeInstanceOf(Timeout);
      expect(result.wait({ timeout })).toBeUndefined();
    }
    expect(thrownBy(() => result.getNoWait())).toBeInstanceOf(Timeout);
    const own = new Timeout(1);
    expect(thrownBy(() => result.get({ timeout: own }))).toBe(own);
  });

  // 155 TestAsyncResult.test_link
  green("is linked with functions only; what is not linked can be taken back", () => {
    const result = new AsyncResult();
    expect(thrownBy(() => result.rawlink(null as any))).toMatchObject({ code: "ERR_INVALID_ARG_TYPE" });
    result.unlink(null as any);
    const seen: unknown[] = [];
    result.rawlink((one) => seen.push(one));
    result.set(1);
    result.rawlink((one) => seen.push(one));
    idle();
    expect(seen).toEqual([result, result]);
  });
});
