/** A selector on poll(2): portable, without a limit, and each wait costs as much as what is registered. */
import { pollTriples } from "@cordage/ipc/sys";
import { TripleSelector } from "./internal/triple-selector.js";
import type { FileObject } from "./selector-key.js";

/**
 * Waits with poll(2). A descriptor that was closed without being unregistered is ready, as in Python.
 *
 * @throws {IpcError} ERR_UNSUPPORTED_PLATFORM elsewhere than on Linux
 */
export class PollSelector<D = any, F extends FileObject = FileObject> extends TripleSelector<D, F> {
  protected call(triples: Int32Array, timeout: number): number {
    return pollTriples(triples, timeout);
  }
}
