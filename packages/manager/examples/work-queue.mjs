// Workers that may be on other machines: they know an address and a key, and the names of two queues. A worker that dies
// while it waits takes nothing with it.
import { BaseManager, served } from "@cordage/manager";
import { isMain, Process } from "@cordage/process";

const KEY = "in earnest from a file or the environment";

const jobs = served.Queue(10); // of the server's process, where every client gets this one
const results = served.Queue();
export const theJobs = () => jobs;
export const theResults = () => results;

class WorkManager extends BaseManager {}
WorkManager.register("jobs", theJobs);
WorkManager.register("results", theResults);

/** All that a client needs to know. */
class WorkClient extends BaseManager {}
WorkClient.register("jobs");
WorkClient.register("results");

export async function work(address) {
  const client = new WorkClient({ address, authkey: KEY });
  await client.connect();
  const [jobs, results] = [await client.jobs(), await client.results()];
  for await (const n of jobs) await results.put([n, n * n]); // until the queue is shut down
}

if (isMain(import.meta)) {
  const manager = new WorkManager({ address: ["127.0.0.1", 0], authkey: KEY });
  await manager.start();
  const [jobs, results] = [await manager.jobs(), await manager.results()];
  const workers = [1, 2, 3].map(() => new Process({ target: work, args: [manager.address] }));
  for (const worker of workers) worker.start();
  for (let n = 1; n <= 20; n++) await jobs.put(n);
  await jobs.shutdown();
  for (const worker of workers) await worker.join();
  const squares = (await results.getValue()).sort(([a], [b]) => a - b);
  console.log(squares.length, squares.slice(-2));
  await manager.shutdown();
}

// Prints:
// 20 [ [ 19, 361 ], [ 20, 400 ] ]
