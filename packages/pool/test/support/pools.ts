/** Every law of a pool holds over processes and over threads. */
import { Event, Semaphore } from "@cordage/ipc";
import { type AsyncResult, Pool, type PoolOptions, ThreadPool } from "@cordage/pool";
import { endLeftOver } from "@cordage/test-support";
import { afterAll, afterEach } from "@jest/globals";
import { blocks } from "../fixtures/tasks.mjs";

export { failureOf, thrownBy } from "@cordage/test-support";

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

/** Given to a task that {@link blocks}: it says that it runs, and goes on once the gate is opened. */
export interface Gate {
  readonly entered: Semaphore;
  readonly opened: Event;
}

export function gate(): Gate {
  return { entered: new Semaphore(0), opened: new Event() };
}

/** Has so many workers run tasks that go on once the gate is opened; they have begun. */
export async function occupy(pool: Pool, count: number, at = gate()): Promise<Gate & { results: AsyncResult<any>[] }> {
  const results = Array.from({ length: count }, (_, i) => pool.applyAsync(blocks, [at, i]));
  for (let i = 0; i < count; i++) await at.entered.acquire();
  return { ...at, results };
}

export const pidsOf = (pool: Pool): number[] => pool.stats().workers.map(({ pid }) => pid!);
