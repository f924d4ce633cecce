import { move, Piscina } from "piscina";

const tasks = new URL("tasks.mjs", import.meta.url).href;
const mover = new URL("piscina-mover.mjs", import.meta.url).href;

export function open(tasksPerWorker = "1") {
  const concurrentTasksPerWorker = Number(tasksPerWorker);
  const pool = new Piscina({ filename: tasks, minThreads: 2, maxThreads: 2, concurrentTasksPerWorker });
  return {
    run: (name, value) => pool.run(value, { name }),
    moveBuffer: (buffer) => pool.run(move(buffer), { filename: mover }),
    close: () => pool.destroy(),
  };
}
