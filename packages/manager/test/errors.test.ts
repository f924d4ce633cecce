/** The package's own errors. */
import { CordageError } from "@cordage/ipc";
import { decode, encode } from "@cordage/ipc/sys";
import { ConnectionLostError, ManagerError, RemoteError } from "@cordage/manager";
import { expect, test } from "@jest/globals";

const cause = new TypeError("why");
const errors: Array<[string, CordageError, string]> = [
  ["ManagerError", new ManagerError("ERR_REFERENT_GONE", "it is gone", { cause }), "ERR_REFERENT_GONE"],
  ["ConnectionLostError", new ConnectionLostError("it was lost", { cause }), "ERR_CONNECTION_LOST"],
  ["ConnectionLostError", new ConnectionLostError("no way", { cause }, "ERR_CANNOT_CONNECT"), "ERR_CANNOT_CONNECT"],
  ["RemoteError", new RemoteError("it failed there", "RemoteError: there\n  at there.js:1", { cause }), "ERR_REMOTE"],
];

test.each(errors)(
  "%s %# has a name and a code, and keeps them, its class, stack and cause where it goes",
  (name, error, code) => {
    for (const one of [error, decode(encode(error)) as CordageError]) {
      expect(one).toBeInstanceOf(error.constructor);
      expect(one).toBeInstanceOf(ManagerError);
      expect(one).toBeInstanceOf(CordageError);
      expect(one).toMatchObject({ name, code, message: error.message, stack: error.stack });
      expect(one.cause).toBeInstanceOf(TypeError);
      expect(one.cause).toMatchObject({ message: "why" });
      expect(Object.keys(one)).not.toContain("stack");
    }
  },
);

test("a RemoteError has the stack that it is given, not the one of this process", () => {
  const { stack } = new RemoteError("m", "as it was there");
  expect(stack).toBe("as it was there");
});
