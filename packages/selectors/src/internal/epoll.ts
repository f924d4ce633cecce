/**
 * An epoll instance. Source: epoll(7).
 *
 * The kernel registers open files, not numbers: a descriptor that is closed stays registered while a copy of it is open elsewhere, in a
 * forked child for instance, can no longer be removed, and its events come with a number that may be another file's by now. Each
 * registration therefore carries a tag of its own; events with an unknown tag are such remains, and `renew` gets rid of them: by
 * another instance. Whoever watches from outside watches a second one, the front, which contains whatever instance there is now.
 */
import { SystemError } from "@cordage/ipc";
import { checked, Descriptor, NOT_PERMITTED, native, throughSignals } from "@cordage/ipc/sys";
import { EVENT_READ } from "../events.js";
import { registrationOf } from "../selector-key.js";
import { type AnyKey, maskOf } from "./masks.js";

const EPOLL_CTL_ADD = 1;
const EPOLL_CTL_DEL = 2;
const EPOLL_CTL_MOD = 3;
const FEWEST = 64;
// Not native.epollWait: the object has so many functions that V8 looks each one up anew.
const { epollWait } = native;

export class Epoll {
  private descriptor = create();
  private front: Descriptor | undefined;
  /** Descriptor, found events, tag; of each that `wait` found. */
  triples = new Int32Array(3 * FEWEST);

  get fd(): number {
    return this.descriptor.fd;
  }

  /** A descriptor for others, which stays the same: it can be read while `wait` would find something. */
  get shown(): number {
    if (this.front === undefined) {
      this.front = create();
      this.show(EPOLL_CTL_ADD);
    }
    return this.front.fd;
  }

  get isShown(): boolean {
    return this.front !== undefined;
  }

  private show(operation: number): void {
    if (!this.front) return;
    const result = native.epollControl(this.front.fd, operation, this.fd, maskOf(EVENT_READ), 0);
    checked(result, "epoll_ctl", "show what is ready");
  }

  /** Calls back on each turn of the event loop on which something may be ready, until the returned function is called. */
  watch(onReady: () => void): () => void {
    return this.descriptor.watch.on(1, onReady);
  }

  /** @throws {SystemError} EBADF, EPERM for what epoll cannot wait for, ENOSPC, ENOMEM */
  add(key: AnyKey, events: number): void {
    const result = native.epollControl(this.fd, EPOLL_CTL_ADD, key.fd, events, registrationOf(key));
    if (result === NOT_PERMITTED) throw alwaysReady(key.fd);
    checked(result, "epoll_ctl", `register descriptor ${key.fd}`);
  }

  change(key: AnyKey, events: number): void {
    const result = native.epollControl(this.fd, EPOLL_CTL_MOD, key.fd, events, registrationOf(key));
    checked(result, "epoll_ctl", `modify the registration of descriptor ${key.fd}`);
  }

  /** What is closed is no longer there, or cannot be removed: neither is an error of the caller. */
  remove(key: AnyKey): void {
    native.epollControl(this.fd, EPOLL_CTL_DEL, key.fd, 0, 0);
  }

  /** How many of at most `most` are ready within that many milliseconds; `triples` has them. Blocks: the thread. */
  wait(most: number, timeout: number): number {
    if (this.triples.length < 3 * most) this.triples = new Int32Array(3 * 2 * most);
    const ready = throughSignals(timeout, (milliseconds) =>
      epollWait(this.fd, this.triples, Math.max(most, 1), milliseconds),
    );
    return checked<number>(ready, "epoll_wait", "select");
  }

  /** Begins again, with an empty instance: its descriptor is another one. */
  renew(): void {
    const old = this.descriptor;
    const next = create();
    // A forked child may have the old one open still: then closing does not take it out of the front.
    this.show(EPOLL_CTL_DEL);
    this.descriptor = next;
    this.show(EPOLL_CTL_ADD);
    old.close();
  }

  close(): void {
    this.front?.close();
    this.descriptor.close();
  }
}

function create(): Descriptor {
  return new Descriptor(checked<number>(native.epollCreate(), "epoll_create1", "make a selector"), "other");
}

function alwaysReady(fd: number): SystemError {
  const reason =
    "what is always ready, such as a plain file, is nothing to wait for; PollSelector and SelectSelector take it";
  const message = `cannot register descriptor ${fd}: epoll_ctl failed with EPERM (${reason})`;
  return new SystemError("EPERM", NOT_PERMITTED, "epoll_ctl", message);
}
