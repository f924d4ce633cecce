/** What a queue is: frames in a ring and a log that many processes share. Layout, states and proofs: layout.ts. */
import { QueueShutDown } from "../../errors.js";
import { backWithMemory } from "../backing.js";
import { inbox } from "../codec/index.js";
import { bufferFor } from "../large-buffer.js";
import { native } from "../native.js";
import { Segment, type SegmentHandle } from "../segment.js";
import { Spin } from "../waiting.js";
import { Bell } from "./bell.js";
import { InnerLock } from "./inner-lock.js";
import {
  BACKED,
  CONSUMERS,
  DONE,
  DROPPED,
  FRAME_HEADER,
  GOT,
  GOT_LANES,
  HEADER_BYTES,
  highOf,
  ITEMS,
  laneAt,
  lowOf,
  MAGIC,
  MAXSIZE,
  OPEN,
  offsetOf,
  PAGE,
  PRODUCERS,
  PUNCHED,
  PUT,
  PUT_LANES,
  RING_BYTES,
  SHUT,
  SPACE,
  STATE,
  TASKS,
} from "./layout.js";
import { Log } from "./log.js";

/** A frame longer than this part of the ring goes to the log, so that one item never fills the ring. */
const LARGEST_PART = 4;
/** Log pages are given back in pieces of at least this size, or when the log is empty. */
const PUNCH_BYTES = 256 * 1024;

/** A ring gets its memory as it first fills: so much for a start, then twice as much each time. */
const FIRST_BACKED = 64 * 1024;

const LOCK_WORDS = 3;

export class QueueMemory {
  readonly items: Bell;
  readonly space: Bell;
  readonly tasks: Bell;
  readonly maxsize: number;
  private readonly words: Int32Array;
  private readonly ring: Uint8Array;
  private readonly frames: DataView;
  private readonly mask: number;
  private readonly log: Log;
  private readonly producers: InnerLock;
  private readonly consumers: InnerLock;
  private readonly roomSpin = new Spin();
  /** What `take` has taken last lies at its start: in `inbox`, or in a buffer of its own if it is longer. */
  private taken: Buffer = inbox;

  // What this thread last saw of the other side. Counters are modulo 2^32, so it holds only while the own side's count
  // is what this thread left: then nobody else has moved on meanwhile.
  private lastPut = Number.NaN; // no count: it has not looked yet
  private seenHead = 0;
  private seenLogHead = 0;
  private lastGot = Number.NaN;
  private seenTail = 0;
  private seenLogTail = 0;

  private constructor(private readonly segment: Segment) {
    const header = new Int32Array(segment.buffer, 0, HEADER_BYTES / 4);
    const size = header[RING_BYTES]!;
    this.words = header;
    this.maxsize = header[MAXSIZE]!;
    this.ring = new Uint8Array(segment.buffer, HEADER_BYTES, size);
    this.frames = new DataView(segment.buffer, HEADER_BYTES, size);
    this.mask = size - 1;
    this.log = new Log(segment.fd, Math.ceil((HEADER_BYTES + size) / PAGE) * PAGE);
    this.producers = new InnerLock(header.subarray(PRODUCERS, PRODUCERS + LOCK_WORDS));
    this.consumers = new InnerLock(header.subarray(CONSUMERS, CONSUMERS + LOCK_WORDS));
    this.items = new Bell(header, ITEMS);
    this.space = new Bell(header, SPACE);
    this.tasks = new Bell(header, TASKS);
  }

  /** `ringBytes`: a power of two, at least 64. */
  static create(maxsize: number, ringBytes: number): QueueMemory {
    const backed = Math.min(ringBytes, FIRST_BACKED);
    const segment = Segment.create(HEADER_BYTES + ringBytes, "queue", HEADER_BYTES + backed);
    const header = new Int32Array(segment.buffer, 0, HEADER_BYTES / 4);
    header[MAGIC_AT] = MAGIC;
    header[RING_BYTES] = ringBytes;
    header[MAXSIZE] = maxsize;
    header[BACKED] = backed;
    return new QueueMemory(segment);
  }

  static open(handle: SegmentHandle): QueueMemory {
    return new QueueMemory(Segment.open(handle));
  }

  handle(): SegmentHandle {
    return this.segment.handle();
  }

  /** For one who is sure that nothing in this thread uses it any more. */
  close(): void {
    this.segment.close();
  }

  size(): number {
    // In this order a get between the two reads makes the result too large rather than negative.
    const got = Atomics.load(this.words, GOT);
    return (Atomics.load(this.words, PUT) - got) | 0;
  }

  full(): boolean {
    return this.maxsize > 0 && this.size() >= this.maxsize;
  }

  /**
   * One try to put the first `length` bytes. False: the queue is full.
   * @throws {QueueShutDown} ERR_QUEUE_SHUT_DOWN
   */
  put(payload: Uint8Array, length = payload.length): boolean {
    if (this.full()) {
      this.refuseIfShut();
      return false;
    }
    let outcome = this.append(payload, length, false);
    if (outcome === CROWDED) {
      // Consumers are probably at work: a moment's patience keeps the items out of the slower log.
      this.roomSpin.run({ attempt: () => this.hasRoomFor(length) || undefined });
      outcome = this.append(payload, length, true);
    }
    if (outcome === DONE_SO) this.items.ring();
    return outcome === DONE_SO;
  }

  /** Hands over what `take` has taken: `inbox`, good until the next call of anything, or a buffer that nobody else keeps. */
  payload(): Buffer {
    const { taken } = this;
    this.taken = inbox;
    return taken;
  }

  /** Takes the oldest item: its payload is the first so many bytes of `payload()`. -1: there is none. */
  take(): number {
    const words = this.words;
    if (Atomics.load(words, PUT) === Atomics.load(words, GOT)) return -1;
    if (Atomics.load(words, STATE) === DROPPED) {
      this.dropAll();
      return -1;
    }
    this.consumers.take();
    let length: number;
    try {
      length = this.takeFrame();
    } finally {
      this.consumers.free();
    }
    if (length >= 0 && this.maxsize > 0) this.space.ring();
    return length;
  }

  // ---- producers

  private refuseIfShut(): void {
    if (Atomics.load(this.words, STATE) !== OPEN) throw new QueueShutDown("cannot put on the queue: it was shut down");
  }

  private append(payload: Uint8Array, length: number, spill: boolean): Outcome {
    this.producers.take();
    try {
      this.refuseIfShut();
      if (this.full()) return FULL;
      return this.appendFrame(payload, length, spill);
    } finally {
      this.producers.free();
    }
  }

  private appendFrame(payload: Uint8Array, bytes: number, spill: boolean): Outcome {
    const words = this.words;
    const put = Atomics.load(words, PUT);
    const lane = laneAt(PUT_LANES, put);
    const tail = words[lane]!;
    const logTail = offsetOf(words[lane + 1]!, words[lane + 2]!);
    const length = frameLength(bytes);
    if (put !== this.lastPut) this.lookAtHead();
    if (logTail !== this.seenLogHead || this.roomBehind(tail) < length) this.lookAtHead();
    const large = bytes > this.ring.length / LARGEST_PART;
    if (logTail === this.seenLogHead && !large) {
      if (this.roomBehind(tail) >= length) {
        this.backUpTo((tail & this.mask) + length);
        this.writeFrame(payload, bytes, tail);
        this.commitPut(put, tail + length, logTail);
        return DONE_SO;
      }
      if (!spill) return CROWDED;
    }
    const logged = bytes === payload.length ? payload : payload.subarray(0, bytes);
    this.commitPut(put, tail, this.log.append(logged, logTail));
    return DONE_SO;
  }

  /** @throws {SystemError} ENOSPC, ENOMEM: nothing was changed */
  private backUpTo(end: number): void {
    const before = this.words[BACKED]!;
    const needed = Math.min(end, this.ring.length);
    if (before >= needed) return;
    const backed = Math.min(Math.max(needed, before * 2), this.ring.length);
    backWithMemory(this.segment.fd, HEADER_BYTES + backed, "put on the queue");
    this.words[BACKED] = backed;
  }

  private commitPut(put: number, tail: number, logTail: number): void {
    const words = this.words;
    const next = (put + 1) | 0;
    const lane = laneAt(PUT_LANES, next);
    words[lane] = tail;
    words[lane + 1] = lowOf(logTail);
    words[lane + 2] = highOf(logTail);
    this.lastPut = next;
    Atomics.store(words, PUT, next); // PUBLISHES: the item; PAIRS-WITH: lookAtTail
  }

  private roomBehind(tail: number): number {
    return this.ring.length - ((tail - this.seenHead) >>> 0);
  }

  /** PAIRS-WITH: commitGot. */
  private lookAtHead(): void {
    const words = this.words;
    let got: number;
    do {
      got = Atomics.load(words, GOT);
      const lane = laneAt(GOT_LANES, got);
      this.seenHead = Atomics.load(words, lane);
      this.seenLogHead = offsetOf(Atomics.load(words, lane + 1), Atomics.load(words, lane + 2));
    } while ((Atomics.load(words, GOT) - got) >>> 0 > 2);
  }

  /** A guess without the lock. */
  private hasRoomFor(payloadLength: number): boolean {
    this.lookAtHead();
    return this.roomBehind(this.words[laneAt(PUT_LANES, Atomics.load(this.words, PUT))]!) >= frameLength(payloadLength);
  }

  private writeFrame(payload: Uint8Array, length: number, tail: number): void {
    this.frames.setUint32(tail & this.mask, length, true);
    const at = (tail + FRAME_HEADER) & this.mask;
    const straight = this.ring.length - at;
    if (length <= straight) {
      copy(payload, 0, this.ring, at, length);
    } else {
      this.ring.set(payload.subarray(0, straight), at);
      this.ring.set(payload.subarray(straight, length), 0);
    }
  }

  // ---- consumers

  private takeFrame(): number {
    const words = this.words;
    const got = Atomics.load(words, GOT);
    if (Atomics.load(words, PUT) === got) return -1;
    const lane = laneAt(GOT_LANES, got);
    const head = words[lane]!;
    const logHead = offsetOf(words[lane + 1]!, words[lane + 2]!);
    if (got !== this.lastGot || head === this.seenTail) this.lookAtTail();
    if (head !== this.seenTail) {
      const length = this.readFrame(head);
      this.commitGot(got, 1, head + frameLength(length), logHead, words[lane + 3]!);
      return length;
    }
    // The tail was seen after PUT said that there is an item: it is not in the ring.
    const length = this.log.lengthAt(logHead, this.seenLogTail);
    this.log.read(logHead, length, this.makeTaken(length));
    const next = logHead + FRAME_HEADER + length;
    this.commitGot(got, 1, head, next, words[lane + 3]!);
    this.giveBack(next, next === this.seenLogTail);
    return length;
  }

  private makeTaken(length: number): Buffer {
    this.taken = length <= inbox.length ? inbox : bufferFor(length);
    return this.taken;
  }

  private commitGot(got: number, count: number, head: number, logHead: number, dropped: number): void {
    const words = this.words;
    const next = (got + count) | 0;
    const lane = laneAt(GOT_LANES, next);
    words[lane] = head;
    words[lane + 1] = lowOf(logHead);
    words[lane + 2] = highOf(logHead);
    words[lane + 3] = dropped;
    this.lastGot = next;
    Atomics.store(words, GOT, next); // PUBLISHES: the space; PAIRS-WITH: lookAtHead
  }

  /** PAIRS-WITH: commitPut. */
  private lookAtTail(): void {
    const words = this.words;
    let put: number;
    do {
      put = Atomics.load(words, PUT);
      const lane = laneAt(PUT_LANES, put);
      this.seenTail = Atomics.load(words, lane);
      this.seenLogTail = offsetOf(Atomics.load(words, lane + 1), Atomics.load(words, lane + 2));
    } while ((Atomics.load(words, PUT) - put) >>> 0 > 2);
  }

  private readFrame(head: number): number {
    const length = this.frames.getUint32(head & this.mask, true);
    const at = (head + FRAME_HEADER) & this.mask;
    const straight = this.ring.length - at;
    const into = this.makeTaken(length);
    if (length <= straight) {
      copy(this.ring, at, into, 0, length);
    } else {
      into.set(this.ring.subarray(at));
      into.set(this.ring.subarray(0, length - straight), straight);
    }
    return length;
  }

  /** Punches the log's pages behind `logHead`; what a killed consumer left is punched by the next. */
  private giveBack(logHead: number, empty: boolean): void {
    const start = Math.ceil((HEADER_BYTES + this.ring.length) / PAGE);
    const page = Math.floor(logHead / PAGE);
    const pages = (page - this.words[PUNCHED]!) >>> 0;
    if (pages === 0 || (!empty && pages * PAGE < PUNCH_BYTES)) return;
    native.punch(this.segment.fd, (start + page - pages) * PAGE, pages * PAGE);
    this.words[PUNCHED] = page | 0;
  }

  // ---- the end

  /** 0: open. */
  state(): number {
    return Atomics.load(this.words, STATE);
  }

  shutdown(immediate: boolean): void {
    this.producers.take();
    try {
      const state = immediate ? DROPPED : SHUT;
      if (this.state() < state) Atomics.store(this.words, STATE, state);
    } finally {
      this.producers.free();
    }
    if (this.state() === DROPPED) this.dropAll();
    this.alarm();
  }

  /** Makes every waiter look again. */
  alarm(): void {
    for (const bell of [this.items, this.space, this.tasks]) bell.alarm();
  }

  /** Anybody who meets what is left after an immediate shutdown drops it: the one who shut down may be dead. */
  dropAll(): void {
    this.consumers.take();
    try {
      this.dropFrames();
    } finally {
      this.consumers.free();
    }
    this.tasks.alarm();
  }

  private dropFrames(): void {
    this.lookAtTail(); // PUT never changes again, so this is its end
    let left = this.size();
    for (; left > 0; left = this.size()) this.dropSome(left);
    this.giveBack(this.seenLogTail, true);
  }

  /** Only the lane behind the count is nobody's to read: a jump must end in it. So up to three are dropped singly. */
  private dropSome(left: number): void {
    const words = this.words;
    const got = Atomics.load(words, GOT);
    const lane = laneAt(GOT_LANES, got);
    const head = words[lane]!;
    const logHead = offsetOf(words[lane + 1]!, words[lane + 2]!);
    const dropped = words[lane + 3]!;
    if (left % 4 === 1) {
      this.commitGot(got, left, this.seenTail, this.seenLogTail, dropped + left);
    } else if (head !== this.seenTail) {
      const length = frameLength(this.frames.getUint32(head & this.mask, true));
      this.commitGot(got, 1, head + length, logHead, dropped + 1);
    } else {
      const length = FRAME_HEADER + this.log.lengthAt(logHead, this.seenLogTail);
      this.commitGot(got, 1, head, logHead + length, dropped + 1);
    }
  }

  // ---- tasks

  /** Items put that nobody has reported done. */
  unfinished(): number {
    // PUT last: only growing counters before it, so 0 means that all were equal at one moment.
    const done = Atomics.load(this.words, DONE);
    const dropped = this.dropped();
    return (Atomics.load(this.words, PUT) - dropped - done) | 0;
  }

  private dropped(): number {
    for (;;) {
      const got = Atomics.load(this.words, GOT);
      const dropped = Atomics.load(this.words, laneAt(GOT_LANES, got) + 3);
      if ((Atomics.load(this.words, GOT) - got) >>> 0 <= 2) return dropped;
    }
  }

  /** Counts one item as done; false: all are. */
  taskDone(): boolean {
    for (;;) {
      const done = Atomics.load(this.words, DONE);
      if (((Atomics.load(this.words, PUT) - this.dropped() - done) | 0) <= 0) return false;
      if (Atomics.compareExchange(this.words, DONE, done, (done + 1) | 0) !== done) continue;
      if (this.unfinished() === 0) this.tasks.ringForAll();
      return true;
    }
  }
}

const MAGIC_AT = 0;
type Outcome = 0 | 1 | 2;
const FULL = 0;
const DONE_SO = 1;
const CROWDED = 2;

/** A view costs more than copying a few bytes one by one. */
const FEW_BYTES = 64;

function copy(from: Uint8Array, start: number, to: Uint8Array, at: number, length: number): void {
  if (length > FEW_BYTES) to.set(length === from.length ? from : from.subarray(start, start + length), at);
  else for (let i = 0; i < length; i++) to[at + i] = from[start + i]!;
}

/** Bytes of a frame in the ring. */
function frameLength(payload: number): number {
  return (FRAME_HEADER + payload + 3) & ~3;
}
