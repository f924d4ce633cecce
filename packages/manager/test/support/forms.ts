/** Each method of a proxy has two forms, which obey the same laws: a promise, and `sync`, which blocks. */
import type { BaseProxy } from "@cordage/manager";

export interface Form {
  readonly name: string;
  /** The proxy, whose methods are called in this form, and return promises all the same. */
  of<P extends BaseProxy>(proxy: P): P;
}

export const forms: Form[] = [
  { name: "as promises", of: (proxy) => proxy },
  { name: "by sync", of: inSync },
];

function inSync<P extends BaseProxy>(proxy: P): P {
  const methods = proxy.sync as unknown as Record<string, (...args: unknown[]) => unknown>;
  return new Proxy(proxy, {
    get(_, name) {
      if (typeof name === "symbol") return Reflect.get(proxy, name);
      if (name === "then") return undefined;
      return async (...args: unknown[]) => methods[name]!(...args);
    },
  });
}
