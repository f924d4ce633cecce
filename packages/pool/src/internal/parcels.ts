/** Large bytes of tasks and results: they travel in a depot, beside the messages. */
import { CodecError } from "@cordage/ipc";
import type { BlockHandle, Depot, Transfer } from "@cordage/ipc/sys";

function noConnections(): never {
  throw new CodecError(
    "ERR_NOT_SERIALIZABLE",
    "a connection does not travel to or from a pool's worker, except among the initargs",
  );
}

/** What a message takes out of a depot, and what it puts into one. */
export class Parcels implements Transfer {
  private packed: BlockHandle[] | undefined;

  constructor(
    private readonly outgoing: Depot,
    private readonly incoming: Depot,
    private readonly onPut?: (handle: BlockHandle) => void,
  ) {}

  readonly addDescriptor = noConnections;
  readonly takeDescriptor = noConnections;

  addBytes(bytes: Uint8Array): BlockHandle | undefined {
    const handle = this.outgoing.put(bytes);
    if (handle) {
      this.packed ??= [];
      this.packed.push(handle);
      this.onPut?.(handle);
    }
    return handle;
  }

  takeBytes(handle: unknown): ArrayBuffer {
    return this.incoming.take(handle as BlockHandle);
  }

  /** What was packed since it was last asked. */
  takePacked(): BlockHandle[] | undefined {
    const { packed } = this;
    this.packed = undefined;
    return packed;
  }

  /** The message is not sent after all. */
  unpack(): void {
    for (const handle of this.takePacked() ?? []) this.outgoing.free(handle);
  }
}
