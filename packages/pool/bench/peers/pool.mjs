// A peer's pool of two workers, warm. A peer is one of the files beside this one; `run(name, value)` runs a task of
// tasks.mjs.

/** The peer that the command line names, opened with its further arguments: `poolifier`, `workerpool process`. */
export async function loadPeer() {
  const [, , peer, ...options] = process.argv;
  const { open } = await import(new URL(`${peer}.mjs`, import.meta.url).href);
  return () => open(...options);
}

/** Lends a pool that has done the work `warm` times, as one that has run for a while, and gives its last result; closes it. */
export async function withPool(work, warm = 3) {
  const pool = (await loadPeer())();
  await Promise.all(Array.from({ length: 100 }, (_, i) => pool.run("identity", i)));
  for (let i = 0; i < warm; i++) await work(pool);
  const result = await work(pool);
  await pool.close();
  return result;
}
