import { fileURLToPath } from "node:url";
import workerpool from "workerpool";

const script = fileURLToPath(new URL("workerpool-worker.mjs", import.meta.url));

export function open(workerType = "thread") {
  const forkOpts = { serialization: "advanced" };
  const pool = workerpool.pool(script, { workerType, minWorkers: 2, maxWorkers: 2, forkOpts });
  return {
    run: (name, value) => pool.exec(name, [value]),
    moveBuffer: (buffer) => pool.exec("moveBack", [buffer], { transfer: [buffer.buffer] }),
    close: () => pool.terminate(),
  };
}
