/** Every law of a pool holds over processes and over threads. */
import { Pool, type PoolOptions, ThreadPool } from "@cordage/pool";
import { endLeftOver } from "@cordage/test-support";
import { afterAll, afterEach } from "@jest/globals";

const made: Pool[] = [];

afterEach(async () => {
  for (const pool of made.splice(0)) await pool.terminate();
});
afterAll(endLeftOver);

export interface Kind {
  readonly name: "Pool" | "ThreadPool";
  /** Makes a pool that ends with the test. */
  make(options?: PoolOptions<any>): Pool;
}

export const kinds: Kind[] = [
  { name: "Pool", make: (options) => kept(new Pool({ processes: 2, ...options })) },
  { name: "ThreadPool", make: (options) => kept(new ThreadPool({ processes: 2, ...options })) },
];

function kept(pool: Pool): Pool {
  made.push(pool);
  return pool;
}
