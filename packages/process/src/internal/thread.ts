/**
 * The start method `thread`: a worker thread behind the same interface. Its end is told by a pipe whose write end closes
 * when the thread's environment goes, however it goes, so that a blocking join needs no event loop; its exit code
 * stands in shared memory.
 */
import { Worker } from "node:worker_threads";
import { AGAIN, checked, native } from "@cordage/ipc/sys";
import type { Launched, LaunchRequest } from "./launched.js";
import { inheritedFlags } from "./spawn.js";

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
    private readonly end: number,
    private readonly status: Int32Array,
  ) {}

  poll(): number | undefined {
    if (native.read(this.endDescriptor, new Uint8Array(1), 0, 1) === AGAIN) return undefined;
    const code = Atomics.load(this.status, EXIT_CODE);
    return code === RUNNING ? -(this.asked ?? 1) : code;
  }

  signal(number: number): void {
    this.asked ??= number;
    if (Atomics.compareExchange(this.status, STATE, NEW, ENDED) === NEW) native.close(this.end);
    void this.worker.terminate();
  }

  close(): void {
    native.close(this.endDescriptor);
  }
}

export function launchThread(request: LaunchRequest): Launched {
  const { data, descriptors } = request.encode();
  const ends = new Int32Array(2);
  checked(native.pipe(ends, 1), "pipe", "start a thread");
  const status = new Int32Array(new SharedArrayBuffer(8));
  status[EXIT_CODE] = RUNNING;
  // The thread owns descriptors of its own: closing one on either side leaves the other's open.
  const passed = descriptors.map((fd) => checked<number>(native.dup(fd), "dup", "start a thread"));
  const workerData: ThreadData = { data, passed, end: ends[1]!, status };
  const worker = new Worker(new URL("./thread-main.js", import.meta.url), {
    workerData,
    name: request.identity.name,
    execArgv: inheritedFlags(process.execArgv).filter((flag) => !flag.startsWith("--single-threaded")),
    stdin: false,
  });
  worker.unref(); // the watch on the end pipe decides what keeps this process alive
  worker.on("error", () => {}); // told by the thread itself, and by its exit code
  return new Thread(worker, ends[0]!, ends[1]!, status);
}
