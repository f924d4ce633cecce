/** Pool of a manager: one of @cordage/pool, loaded when the first is asked for. */
import type { Pool } from "@cordage/pool";
import type { Caller } from "../server/caller.js";
import type { Host, ServedType } from "../server/served-type.js";
import { builtIn, type Referent } from "./built-in.js";

type Fn = (...args: any[]) => unknown;

export class PoolReferent implements Referent {
  constructor(
    private readonly host: Host,
    private readonly pool: Pool,
  ) {}

  private fn(reference: unknown): Fn {
    return this.host.allowed(reference) as Fn;
  }

  /** Not by `results`: a result of a pool can be awaited, and would be. */
  private result(result: object): unknown {
    return this.host.publish("AsyncResult", result);
  }

  apply(_caller: Caller, fn: unknown, args: unknown[]): Promise<unknown> {
    return this.pool.apply(this.fn(fn), args);
  }

  applyAsync(_caller: Caller, fn: unknown, args: unknown[]): unknown {
    return this.result(this.pool.applyAsync(this.fn(fn), args));
  }

  map(_caller: Caller, fn: unknown, items: unknown[], options: object): Promise<unknown> {
    return this.pool.map(this.fn(fn), items, options);
  }

  mapAsync(_caller: Caller, fn: unknown, items: unknown[], options: object): unknown {
    return this.result(this.pool.mapAsync(this.fn(fn), items, options));
  }

  starmap(_caller: Caller, fn: unknown, items: unknown[][], options: object): Promise<unknown> {
    return this.pool.starmap(this.fn(fn), items, options);
  }

  starmapAsync(_caller: Caller, fn: unknown, items: unknown[][], options: object): unknown {
    return this.result(this.pool.starmapAsync(this.fn(fn), items, options));
  }

  imap(_caller: Caller, fn: unknown, items: unknown[], options: object): object {
    return this.pool.imap(this.fn(fn), items, options);
  }

  imapUnordered(_caller: Caller, fn: unknown, items: unknown[], options: object): object {
    return this.pool.imapUnordered(this.fn(fn), items, options);
  }

  close(_caller: Caller): void {
    this.pool.close();
  }

  terminate(_caller?: Caller): void {
    this.pool.terminate();
  }

  join(_caller: Caller): Promise<void> {
    return this.pool.join();
  }

  value(): unknown {
    return this.pool.stats();
  }

  ended(): void {
    this.pool.terminate();
  }
}

export const pool = builtIn<PoolReferent>({
  typeid: "Pool",
  exposed: [
    ...(["apply", "applyAsync", "map", "mapAsync", "starmap", "starmapAsync", "imap", "imapUnordered"] as const),
    ...(["close", "terminate", "join"] as const),
  ],
  results: {
    imap: "Iterator",
    imapUnordered: "Iterator",
  },
  async make(host, [options]) {
    const { Pool } = await import("@cordage/pool");
    return new PoolReferent(host, new Pool(typeof options === "number" ? { processes: options } : (options ?? {})));
  },
});

/** What the pool's own objects show: their methods know no callers. */
function plain(typeid: string, methods: string[]): ServedType {
  const exposed = new Set(methods);
  return {
    typeid,
    kind: typeid,
    results: {},
    exposed: () => exposed,
    call: (object, method, _caller, args) => (object as Record<string, Fn>)[method]!(...args),
    valueOf: () => undefined,
  };
}

export const asyncResult = plain("AsyncResult", ["get", "wait", "ready", "successful"]);
export const iterator = plain("Iterator", ["next"]);
