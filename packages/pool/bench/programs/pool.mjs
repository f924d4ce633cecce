// Ours, with two workers: a pool of processes or of threads, warm.
import { Pool, ThreadPool } from "@cordage/pool";
import { identity } from "./tasks.mjs";

export function newPool(kind) {
  return kind === "thread" ? new ThreadPool({ processes: 2 }) : new Pool({ processes: 2 });
}

/** Lends a pool that has done the work `warm` times, as one that has run for a while, and gives its last result; closes it. */
export async function withPool(kind, work, warm = 3) {
  const pool = newPool(kind);
  await Promise.all(Array.from({ length: 100 }, (_, i) => pool.applyAsync(identity, [i])));
  for (let i = 0; i < warm; i++) await work(pool);
  const result = await work(pool);
  pool.close();
  await pool.join();
  return result;
}
