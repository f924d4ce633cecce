/**
 * The start method `thread`: a worker thread behind the same interface. Its end is told by a pipe whose write end closes
 * when the thread's environment goes, however it goes, so that a blocking join needs no event loop; its exit code
 * stands in shared memory.
 */
import { inspect } from "node:util";
import { Worker } from "node:worker_threads";
import { AGAIN, checked, inheritedFlags, native, retryPendingWaits } from "@cordage/ipc/sys";
import { complain } from "../exit.js";
import type { Launched, LaunchRequest } from "./launched.js";
import { SIGINT } from "./signals.js";

const RUNNING = -1000;
/** Words of the shared status. */
export const EXIT_CODE = 0;
export const STATE = 1;
/** States: new -> taken (the thread runs and owns the end pipe) or new -> ended (it was ended before it ran). */
export const NEW = 0;
export const TAKEN = 1;
const ENDED = 2;

export interface ThreadData {
  data: Uint8Array;
  passed: number[];
  /** The write end of the end pipe, owned by the thread. */
  end: number;
  status: Int32Array;
}

class Thread implements Launched {
  readonly pid = process.pid;
  private asked: number | undefined;

  constructor(
    private readonly worker: Worker,
    readonly endDescriptor: number,
    private readonly own: ThreadData,
  ) {}

  poll(): number | undefined {
    if (native.read(this.endDescriptor, new Uint8Array(1), 0, 1) === AGAIN) return undefined;
    const code = Atomics.load(this.own.status, EXIT_CODE);
    if (code !== RUNNING) return code;
    // A thread cannot handle SIGINT by itself, so that ends it as it ends a process that does not.
    return this.asked === undefined || this.asked === SIGINT ? 1 : -this.asked;
  }

  signal(number: number): void {
    this.asked ??= number;
    neverRan(this.own);
    void this.worker.terminate();
  }

  close(): void {
    native.close(this.endDescriptor);
    // Its environment has ended, but the thread may own locks for a moment more.
    this.worker.ref();
    this.worker.once("exit", retryPendingWaits);
  }
}

/** `--eval` and its kin do not go with a file to run. A worker inherits all other flags by itself, and those only so. */
function evaluates(): boolean {
  return inheritedFlags(process.execArgv).length < process.execArgv.length;
}

export function launchThread(request: LaunchRequest): Launched {
  const { data, descriptors } = request.encode();
  const ends = new Int32Array(2);
  checked(native.pipe(ends, 1), "pipe", "start a thread");
  const passed: number[] = [];
  try {
    // The thread owns descriptors of its own: closing one on either side leaves the other's open.
    for (const fd of descriptors) passed.push(checked<number>(native.dup(fd), "dup", "start a thread"));
    return startWorker(request.identity.name, { data, passed, end: ends[1]!, status: newStatus() }, ends[0]!);
  } catch (error) {
    for (const fd of [...ends, ...passed]) native.close(fd);
    throw error;
  }
}

function newStatus(): Int32Array {
  const status = new Int32Array(new SharedArrayBuffer(8));
  status[EXIT_CODE] = RUNNING;
  return status;
}

function startWorker(name: string, workerData: ThreadData, end: number): Thread {
  const main = new URL("./thread-main.js", import.meta.url);
  const worker = new Worker(main, { workerData, name, stdin: false, ...(evaluates() && { execArgv: [] }) });
  worker.unref(); // the watch on the end pipe decides what keeps this process alive
  worker.on("error", (error) => {
    // Later ones are told by the thread itself.
    if (Atomics.load(workerData.status, STATE) === NEW) complain(`Process ${name}:\n${inspect(error)}`);
  });
  worker.on("exit", () => neverRan(workerData)); // for want of memory or descriptors, say
  return new Thread(worker, end, workerData);
}

/** Closes what the thread would have owned, if it did not come so far; from then on it cannot. */
function neverRan({ status, end, passed }: ThreadData): void {
  if (Atomics.compareExchange(status, STATE, NEW, ENDED) !== NEW) return;
  for (const fd of [end, ...passed]) native.close(fd);
}
