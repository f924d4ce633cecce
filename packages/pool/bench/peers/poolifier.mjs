import { fileURLToPath } from "node:url";
import { FixedThreadPool } from "poolifier";

const worker = fileURLToPath(new URL("poolifier-worker.mjs", import.meta.url));

export function open() {
  const pool = new FixedThreadPool(2, worker);
  return {
    run: (name, value) => pool.execute(value, name),
    // Its workers cannot transfer a result: what comes back is a copy.
    moveBuffer: (buffer) => pool.execute(buffer, "identity", undefined, [buffer.buffer]),
    // Not awaited: in one of ten runs its promise never settles (5.3.2), although the workers end.
    close: () => void pool.destroy(),
  };
}
