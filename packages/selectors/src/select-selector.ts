/** A selector on select(2): the oldest, for descriptors below 1024. */

import { SystemError } from "@cordage/ipc";
import { BAD_DESCRIPTOR, checked, native, outOfRange, throughSignals } from "@cordage/ipc/sys";
import { TripleSelector } from "./internal/triple-selector.js";
import type { FileObject, SelectorKey } from "./selector-key.js";

/** FD_SETSIZE: how many descriptors a set has room for. */
const ROOM = 1024;

/**
 * Waits with select(2). `register` refuses a descriptor from 1024 on with ERR_OUT_OF_RANGE; `select` throws EBADF where a
 * descriptor was closed without being unregistered.
 *
 * Differs from Python: a descriptor that is too high is refused when it is registered, not at the next `select`.
 *
 * @throws {IpcError} ERR_UNSUPPORTED_PLATFORM elsewhere than on Linux
 */
export class SelectSelector<D = any, F extends FileObject = FileObject> extends TripleSelector<D, F> {
  protected override added(key: SelectorKey<F, D>): void {
    const reason = `select(2) takes descriptors below ${ROOM}; use an EpollSelector or a PollSelector`;
    if (key.fd >= ROOM) throw outOfRange("register with the selector", reason, key.fd);
    super.added(key);
  }

  protected call(triples: Int32Array, timeout: number): number {
    const count = triples.length / 3;
    const ready = throughSignals(timeout, (milliseconds) => native.select(triples, count, milliseconds));
    if (ready === BAD_DESCRIPTOR) throw this.#notOpen();
    return checked<number>(ready, "select", "select");
  }

  #notOpen(): SystemError {
    const closed = [...this.byDescriptor.keys()].filter((fd) => native.getFlags(fd) === BAD_DESCRIPTOR);
    const reason = `closed, but not unregistered: descriptor ${closed.join(", ")}`;
    return new SystemError("EBADF", BAD_DESCRIPTOR, "select", `cannot select: select failed with EBADF (${reason})`);
  }
}
