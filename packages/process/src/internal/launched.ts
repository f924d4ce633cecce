/** What every start method gives back: a way to know the end of a child and to hurry it. */
import { checked, NO_PROCESS, native, systemError } from "@cordage/ipc/sys";
import type { Identity } from "./preparation.js";

export interface Launched {
  readonly pid: number;
  /** A descriptor that is readable once the child has ended; closed by `close`. */
  readonly endDescriptor: number;
  /** The exit code (-N for signal N) once the child has ended. Never blocks. */
  poll(): number | undefined;
  signal(number: number): void;
  close(): void;
}

/** Everything a start method needs. */
export interface LaunchRequest {
  readonly identity: Identity;
  /** The preparation as bytes, and the descriptors that travel with it; the launcher does not close them. */
  encode(): { data: Uint8Array; descriptors: readonly number[] };
  /** Runs the process object as it is, for a child that is a copy of its parent. */
  run(): unknown;
}

/** The exit code of a child whose end nobody could observe, as Python's forkserver has it. */
export const UNKNOWN_EXIT = 255;

/** A child of this very process: the kernel tells its end through a pidfd, and waitpid its exit code. */
export class DirectChild implements Launched {
  readonly endDescriptor: number;

  constructor(
    readonly pid: number,
    /** The write end of the child's life pipe: closes with this process, however it ends. */
    readonly life: number,
  ) {
    const pidfd = native.pidfdOpen(pid);
    if (pidfd < 0) disown(pid);
    this.endDescriptor = checked<number>(pidfd, "pidfd_open", `watch process ${pid}`);
    lifelines.add(life);
  }

  poll(): number | undefined {
    const status = new Int32Array(1);
    const result = native.waitpid(this.pid, 0, status);
    if (result === 0) return undefined;
    return result < 0 ? UNKNOWN_EXIT : status[0];
  }

  signal(number: number): void {
    const result = native.pidfdSignal(this.endDescriptor, number);
    if (result < 0 && result !== NO_PROCESS)
      throw systemError(result, "pidfd_send_signal", `signal process ${this.pid}`);
  }

  close(): void {
    native.close(this.endDescriptor);
    native.close(this.life);
    lifelines.delete(this.life);
  }
}

/** Ends a child that nobody could watch: start() fails, and it is as if it had never been. */
export function disown(pid: number): void {
  process.kill(pid, "SIGKILL"); // a zombie does not mind
  native.waitpid(pid, 1, new Int32Array(1));
}

/** The life pipes of this process's children: a forked child must not hold its siblings' open. */
export const lifelines = new Set<number>();
