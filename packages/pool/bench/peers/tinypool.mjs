import { Tinypool } from "tinypool";

const tasks = new URL("tasks.mjs", import.meta.url).href;
const mover = new URL("tinypool-mover.mjs", import.meta.url).href;

export function open(runtime = "worker_threads", tasksPerWorker = "1") {
  const pool = new Tinypool({
    filename: tasks,
    runtime,
    serialization: "advanced",
    minThreads: 2,
    maxThreads: 2,
    concurrentTasksPerWorker: Number(tasksPerWorker),
  });
  return {
    run: (name, value) => pool.run(value, { name }),
    moveBuffer: (buffer) => pool.run(Tinypool.move(buffer), { filename: mover }),
    close: () => pool.destroy(),
  };
}
