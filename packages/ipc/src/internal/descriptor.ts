/**
 * One owned descriptor: watched on demand, closed once: by close() or when it is dropped.
 *
 * Life: open -> closed. While a promise waits for it, the watch's waiters lead back to whoever owns it, so it is
 * never dropped then.
 */
import { fstatSync } from "node:fs";
import { IpcError, outOfRange } from "../errors.js";
import { checked } from "./checked.js";
import { onMainThread } from "./main-thread.js";
import { native } from "./native.js";
import { Watch } from "./readiness.js";
import { AF_UNIX, O_NONBLOCK, SO_DOMAIN, SOL_SOCKET } from "./sys/constants.js";

/** What kind of stream it is; only "unix" carries descriptors. */
export type StreamKind = "unix" | "inet" | "pipe" | "other";

interface Held {
  fd: number;
  watch: Watch | undefined;
  passengers: Set<number> | undefined;
}

function release(held: Held): void {
  if (held.fd < 0) return;
  held.watch?.close();
  native.close(held.fd);
  for (const fd of held.passengers ?? []) native.close(fd);
  held.fd = -1;
}

const dropped = new FinalizationRegistry<Held>(release);

function kindOf(fd: number): StreamKind {
  const file = fstatSync(fd);
  if (file.isFIFO()) return "pipe";
  if (!file.isSocket()) return "other";
  const domain = Buffer.alloc(4);
  checked(native.getOption(fd, SOL_SOCKET, SO_DOMAIN, domain), "getsockopt", "look at a descriptor");
  return domain.readInt32LE() === AF_UNIX ? "unix" : "inet";
}

export class Descriptor {
  private readonly held: Held;
  /** -1 once closed. */
  fd: number;

  /** Takes ownership. A descriptor that is to be watched must be non-blocking already, or libuv makes it so. */
  constructor(
    fd: number,
    readonly kind: StreamKind,
  ) {
    this.fd = fd;
    this.held = { fd, watch: undefined, passengers: undefined };
    dropped.register(this, this.held, this.held);
    // A worker that ends is no process, whose descriptors the system closes.
    if (!onMainThread()) native.closeAtEnd(fd);
  }

  /** Takes over a descriptor from elsewhere, whatever state it is in. */
  static adopt(fd: number, doing: string): Descriptor {
    if (!Number.isInteger(fd) || fd < 0 || fd > 0x7fffffff)
      throw outOfRange(doing, "a descriptor is a whole number from 0", fd);
    const flags = checked<number>(native.getFlags(fd), "fcntl", doing);
    if (!(flags & O_NONBLOCK)) checked(native.setFlags(fd, flags | O_NONBLOCK), "fcntl", doing);
    return new Descriptor(fd, kindOf(fd));
  }

  get closed(): boolean {
    return this.fd < 0;
  }

  get watch(): Watch {
    this.held.watch ??= new Watch(this.fd);
    return this.held.watch;
  }

  /** Descriptors that came through this one, and nobody has taken yet: they are closed with it. */
  get passengers(): Set<number> {
    this.held.passengers ??= new Set();
    return this.held.passengers;
  }

  close(): void {
    if (this.fd < 0) return;
    this.fd = -1;
    dropped.unregister(this.held);
    release(this.held);
  }

  /** Gives the descriptor away, open. */
  detach(): number {
    const { fd } = this;
    this.held.watch?.close();
    dropped.unregister(this.held);
    // Else whoever has the number by then would lose it with the end of this worker.
    if (fd >= 0 && !onMainThread()) native.keepAtEnd(fd);
    this.held.fd = -1;
    this.fd = -1;
    return fd;
  }
}

/** The error of every use after close(). `doing` completes "cannot ...". */
export function closedError(doing: string): IpcError {
  return new IpcError("ERR_CLOSED", `cannot ${doing}: handle is closed`);
}
