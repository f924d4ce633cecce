/** What calls are refused with. */
import { RemoteError } from "@cordage/manager";
import { failureOf, thrownBy } from "@cordage/test-support";
import { expect } from "@jest/globals";

export { failureOf, thrownBy };

/** The server refuses the call: an error of that class, with the stack that it had there. */
export async function refused(promise: PromiseLike<unknown>, cls: Function, code: string, reason?: RegExp) {
  const error = await failureOf(promise);
  expect(error).toBeInstanceOf(cls);
  expect(error).toMatchObject({ name: cls.name, code });
  expect(error.cause).toBeInstanceOf(RemoteError);
  expect(error.cause).toMatchObject({ name: "RemoteError", code: "ERR_REMOTE" });
  expect(error.cause.stack).toMatch(/^RemoteError: in the manager at .*\n(.*\n)*? +at /);
  if (reason) expect(error.message).toMatch(reason);
}

export const badType = (promise: PromiseLike<unknown>, reason?: RegExp) =>
  refused(promise, TypeError, "ERR_INVALID_ARG_TYPE", reason);
export const badRange = (promise: PromiseLike<unknown>, reason?: RegExp) =>
  refused(promise, RangeError, "ERR_OUT_OF_RANGE", reason);
