import { describe, expect, test } from "@jest/globals";
import { add, fails, square } from "../fixtures/tasks.mjs";
import { kinds } from "../support/pools.js";

describe.each(kinds)("$name: apply", ({ make }) => {
  // 92 _TestPool.test_apply
  test("calls the function in a worker and resolves with its result", async () => {
    const pool = make();
    expect(await pool.apply(square, [5])).toBe(25);
    expect(await pool.apply(add, [3, 4])).toBe(7);
  });

  // 112 _TestPool.test_wrapped_exception
  test("throws the task's own error with its class, code and properties", async () => {
    const error = await make()
      .apply(fails, ["wrong"])
      .catch((error) => error);
    expect(error).toBeInstanceOf(RangeError);
    expect(error).toMatchObject({ message: "wrong", code: "ERR_OF_TASK", detail: { a: 1 } });
  });
});
