// Gives a proxy the interface of ipc's own objects: `acquireSync()`, and results rather than promises of calls that do not wait.
import { BaseProxy } from "@cordage/manager";

const PROMISES = new Set(["acquire", "hold", "wait", "waitFor", "get", "put", "join"]);
const GETTERS = new Set(["parties", "nWaiting", "broken"]);
const originals = new WeakMap();

export const original = (value) => originals.get(value) ?? value;
const given = (value) => (value instanceof BaseProxy ? adapted(value) : value);

export function adapted(proxy) {
  const call =
    (on, name) =>
    (...args) => {
      const result = on[name](...args.map(original));
      return result instanceof Promise ? result.then(given) : given(result);
    };
  const view = new Proxy(proxy, {
    get(_, name) {
      if (name === Symbol.asyncIterator) return () => proxy[name]();
      if (typeof name === "symbol" || name === "constructor" || name === "then") return proxy[name];
      if (PROMISES.has(name)) return call(proxy, name);
      if (GETTERS.has(name)) return proxy.sync[name]();
      return call(proxy.sync, name.endsWith("Sync") ? name.slice(0, -4) : name);
    },
  });
  originals.set(view, proxy);
  return view;
}
