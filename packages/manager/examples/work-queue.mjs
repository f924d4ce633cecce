// Workers that may be on other machines: they know an address and a key, and find the queues on a board by name. A worker
// that dies while it waits takes nothing with it.
import { BaseManager, SyncManager } from "@cordage/manager";
import { isMain, Process } from "@cordage/process";

const KEY = "in earnest from a file or the environment";

class Board {
  #things = new Map();

  put(name, thing) {
    this.#things.set(name, thing);
  }

  get(name) {
    return this.#things.get(name);
  }
}

const board = new Board(); // of the server, where every client gets this one
export const theBoard = () => board;

class WorkManager extends SyncManager {}
WorkManager.register("board", theBoard);

/** All that a client needs to know. */
class WorkClient extends BaseManager {}
WorkClient.register("board");

export async function work(address) {
  const client = new WorkClient({ address, authkey: KEY });
  await client.connect();
  const found = await client.board();
  const [jobs, results] = [await found.get("jobs"), await found.get("results")];
  for await (const n of jobs) await results.put([n, n * n]); // until the queue is shut down
}

if (isMain(import.meta)) {
  const manager = new WorkManager({ address: ["127.0.0.1", 0], authkey: KEY });
  await manager.start();
  const [jobs, results, shared] = [await manager.Queue(10), await manager.Queue(), await manager.board()];
  await shared.put("jobs", jobs);
  await shared.put("results", results);
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
