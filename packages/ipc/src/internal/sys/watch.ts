/** Any descriptor on Node's event loop. */
import { checked, systemError } from "../checked.js";
import { type NativeHandle, native } from "../native.js";

/**
 * Watches a descriptor on the event loop of this thread; one watch for each descriptor. It must be closed before its
 * descriptor is: libuv ends the process when it meets a closed one.
 *
 * Blocks: never. Source: uv_poll_t.
 */
export class Watch implements Disposable {
  private readonly handle: NativeHandle;

  /**
   * @param onReady gets the events found, or the negated errno of a failure
   * @throws {SystemError} EEXIST when the descriptor is watched already, EBADF, EPERM for a plain file
   */
  constructor(fd: number, onReady: (events: number) => void) {
    const handle = native.watchOpen(fd, onReady);
    if (typeof handle === "number") throw systemError(handle, "uv_poll_init", `watch descriptor ${fd}`);
    this.handle = handle;
  }

  /** @param events READABLE, WRITABLE, DISCONNECT, added up. @throws {SystemError} EBADF once closed, EINVAL */
  start(events: number): void {
    checked(native.watchStart(this.handle, events), "uv_poll_start", "start a watch");
  }

  stop(): void {
    checked(native.watchStop(this.handle), "uv_poll_stop", "stop a watch");
  }

  /** A started watch keeps the process alive; this decides whether it does. */
  ref(alive: boolean): void {
    native.watchRef(this.handle, alive ? 1 : 0);
  }

  /** For good; closing twice does nothing. */
  close(): void {
    native.watchClose(this.handle);
  }

  [Symbol.dispose](): void {
    this.close();
  }
}
