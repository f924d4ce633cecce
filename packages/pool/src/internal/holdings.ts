/** Whose are the blocks of a pool's depot, so that those of the dead are filled again. */
import { type BlockHandle, Depot } from "@cordage/ipc/sys";
import { Parcels } from "./parcels.js";
import type { Task } from "./task.js";
import type { PoolWorker } from "./worker.js";

export class Holdings {
  readonly depot = Depot.create();
  /** For tasks to be encoded; nothing is taken out of it here. */
  readonly parcels = new Parcels(this.depot, this.depot, ([offset]) => this.holders.delete(offset));
  /**
   * Who was sent what lies in a block, by the block's offset; from when it is filled until it is sent it is nobody's: who had
   * what it held before may die meanwhile.
   */
  private readonly holders = new Map<number, PoolWorker>();

  sent(task: Task, worker: PoolWorker): void {
    if (task.parcels) for (const [offset] of task.parcels) this.holders.set(offset, worker);
  }

  /** The task was taken back before its worker came to it. */
  takenBack(task: Task): void {
    if (task.parcels) for (const [offset] of task.parcels) this.holders.delete(offset);
  }

  /** The worker has taken what was sent: it gives it back when it has done with it, or at its end. */
  taken(task: Task): void {
    task.parcels = undefined;
  }

  /** No worker has, or will have, what was to be sent. */
  release(task: Task): void {
    this.free(task.parcels);
    task.parcels = undefined;
  }

  private free(parcels: readonly BlockHandle[] | undefined): void {
    if (parcels) for (const parcel of parcels) this.depot.free(parcel);
  }

  /** A worker has ended; what was taken back from it is no longer its own. */
  ended(worker: PoolWorker): void {
    for (const [offset, holder] of this.holders) {
      if (holder !== worker) continue;
      this.holders.delete(offset);
      this.depot.free([offset, 0, 0]);
    }
  }
}
