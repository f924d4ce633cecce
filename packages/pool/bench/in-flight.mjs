// For what has no bound of its own on how many tasks wait.

/** Calls `submit(i)` for every i below n, at most `limit` at a time; ends when all have ended. */
export async function inFlight(limit, n, submit) {
  let next = 0;
  const lane = async () => {
    while (next < n) await submit(next++);
  };
  await Promise.all(Array.from({ length: limit }, lane));
}
