// Ours, with two workers: a pool of processes or of threads, warm.
import { Pool, ThreadPool } from "@cordage/pool";
import { identity } from "./tasks.mjs";

export function newPool(kind) {
  return kind === "thread" ? new ThreadPool({ processes: 2 }) : new Pool({ processes: 2 });
}

/** Lends a pool that has done a hundred tasks, then closes it. */
export async function withPool(kind, work) {
  const pool = newPool(kind);
  await Promise.all(Array.from({ length: 100 }, (_, i) => pool.applyAsync(identity, [i])));
  const result = await work(pool);
  pool.close();
  await pool.join();
  return result;
}
