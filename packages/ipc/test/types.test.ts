import { SharedArray, SharedValue } from "@cordage/ipc";
import { test } from "@jest/globals";
import { expectTypeOf } from "expect-type";

// The types themselves are checked by `npm run lint`.
test("a shared value has the type of its kind, a shared array that of its class", () => {
  expectTypeOf(new SharedValue("int64", 1n).value).toEqualTypeOf<bigint>();
  expectTypeOf(new SharedValue("bool").value).toEqualTypeOf<boolean>();
  expectTypeOf(new SharedValue("float32", 1).value).toEqualTypeOf<number>();
  expectTypeOf(new SharedValue("uint64").add).toEqualTypeOf<(n: bigint) => bigint>();
  expectTypeOf(new SharedValue("int32").add).toEqualTypeOf<(n: number) => number>();
  expectTypeOf(new SharedValue<"bool">("bool").add).parameter(0).toEqualTypeOf<never>();
  expectTypeOf(new SharedArray(Int16Array, 3).array).toExtend<Int16Array>();
  expectTypeOf(new SharedArray(BigInt64Array, [1n]).array).toExtend<BigInt64Array>();
});
