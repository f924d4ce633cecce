/** What calls are refused with. */

/** What a promise rejects with; one that resolves is an error. */
export async function failureOf(promise: PromiseLike<unknown>): Promise<any> {
  return promise.then(
    (value) => {
      throw new Error(`resolved with ${String(value)}`);
    },
    (error) => error,
  );
}

/** What a call throws. */
export function thrownBy(call: () => unknown): any {
  try {
    call();
  } catch (error) {
    return error;
  }
  throw new Error("did not throw");
}
