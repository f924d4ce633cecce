/**
 * The line between the parent and one worker: a queue each way, and a doorbell.
 *
 * A message is in shared memory once it is put, also after the death of whoever put it. The doorbell, a pair of
 * sockets, only wakes a sleeper, and only one that has said that it sleeps:
 *   1. the consumer finds its queue empty and sets its word;
 *   2. it looks at the queue again: what was put before 1 saw no sleeper to wake;
 *   3. it sleeps in epoll_wait(2) or poll(2) on its end of the doorbell;
 *   4. a producer that finds the word set clears it, and only who has cleared it rings.
 * Who dies between clearing and ringing leaves the end of its socket, which wakes as well.
 */
import { type Connection, Pipe } from "@cordage/ipc";
import { AGAIN, ByteQueue, Depot, native, READABLE, Watch } from "@cordage/ipc/sys";
import { Parcels } from "./parcels.js";

const RING_BYTES = 4 * 1024 * 1024;
/** Words of the depot that the worker fills, on cache lines of their own. */
const PARENT_ASLEEP = 0;
const WORKER_ASLEEP = 32;

/** Messages of the doorbell: two words, a kind and a number. */
export const BELL = 0;
/** The task of that number is no longer wanted. */
export const ABORT = 1;
/** The task of that number has taken too long. */
export const TIME_OUT = 2;
const MESSAGE = 8;

/** What the worker gets of a line, as an argument of its process. */
export interface LinkEnd {
  tasks: ByteQueue;
  results: ByteQueue;
  socket: Connection;
  /** Large bytes on their way to workers, all of them, and from this one. */
  arguments: Depot;
  returned: Depot;
}

export function makeLink(depot: Depot): { parent: Link; worker: LinkEnd } {
  const [ours, theirs] = Pipe();
  const tasks = new ByteQueue(RING_BYTES);
  const results = new ByteQueue(RING_BYTES);
  // Made here, so that they outlive the worker.
  const rest = { tasks, results, arguments: depot, returned: Depot.create() };
  return { parent: new Link({ ...rest, socket: ours }, true), worker: { ...rest, socket: theirs } };
}

/** One end of a line. */
export class Link {
  readonly incoming: ByteQueue;
  readonly outgoing: ByteQueue;
  readonly parcels: Parcels;
  private readonly returned: Depot;
  private readonly words: Int32Array;
  private readonly mine: number;
  private readonly theirs: number;
  private readonly socket: Connection;
  readonly fd: number;
  private watch: Watch | undefined;
  /** Nothing is to be heard any more. */
  deaf = false;
  private readonly received = Buffer.alloc(MESSAGE * 32);
  private filled = 0;
  private readonly message = Buffer.alloc(MESSAGE);

  constructor(end: LinkEnd, isParent: boolean) {
    this.incoming = isParent ? end.results : end.tasks;
    this.outgoing = isParent ? end.tasks : end.results;
    this.parcels = isParent ? new Parcels(end.arguments, end.returned) : new Parcels(end.returned, end.arguments);
    this.returned = end.returned;
    this.words = end.returned.words;
    this.mine = isParent ? PARENT_ASLEEP : WORKER_ASLEEP;
    this.theirs = isParent ? WORKER_ASLEEP : PARENT_ASLEEP;
    this.socket = end.socket;
    this.fd = end.socket.fileno();
  }

  /** Calls back on the event loop after a ring, a message or the end of the other side. Keeps no process alive. */
  listen(onNews: () => void): void {
    this.watch = new Watch(this.fd, onNews);
    this.watch.start(READABLE);
    this.watch.ref(false);
  }

  /** Wakes the other side if it sleeps. */
  wake(): void {
    const { words, theirs } = this;
    if (Atomics.load(words, theirs) === 1 && Atomics.compareExchange(words, theirs, 1, 0) === 1) this.tell(BELL, 0);
  }

  /** Step 1 and 2 of going to sleep; false if there is something to do instead. */
  announceSleep(): boolean {
    Atomics.store(this.words, this.mine, 1);
    if (this.incoming.size === 0) return true;
    Atomics.store(this.words, this.mine, 0);
    return false;
  }

  /** Says something at once. Nobody may be left to hear it: then whoever watches the worker's end knows. */
  tell(kind: number, number: number): void {
    this.message.writeUInt32LE(kind, 0);
    this.message.writeUInt32LE(number, 4);
    native.write(this.fd, this.message, 0, MESSAGE);
  }

  /** Reads what was said; false once the other side is gone. */
  hear(onMessage: (kind: number, number: number) => void): boolean {
    for (;;) {
      const count = native.read(this.fd, this.received, this.filled, this.received.length - this.filled);
      if (count === AGAIN) return true;
      if (count <= 0) return false;
      this.filled += count;
      let at = 0;
      for (; at + MESSAGE <= this.filled; at += MESSAGE)
        onMessage(this.received.readUInt32LE(at), this.received.readUInt32LE(at + 4));
      this.received.copyWithin(0, at, this.filled);
      this.filled -= at;
    }
  }

  /** The other side is gone: there is nothing more to hear. */
  ignore(): void {
    this.deaf = true;
    this.watch?.close();
  }

  /** Nothing more is said. What the other side has said can still be heard. */
  close(): void {
    this.ignore();
    this.socket.close();
  }

  /** Gives up the memory as well: the other side has ended, and what it has said was heard. */
  closeMemory(): void {
    this.incoming.close();
    this.outgoing.close();
    this.returned.close();
  }
}
