/*
 * Large bytes on their way to another process: the sender copies them into a block of shared memory, and the receiver
 * sees them there, not copied again. One side fills a depot, the other, or several others, take from it.
 *
 * The depot is a memfd: a page of words for whoever has the depot, then blocks. A block is a page for its state and 2^k bytes for contents:
 *     word 0    FREE -> FILLED by the one who fills, before the handle is sent
 *               FILLED -> FREE when the ArrayBuffer that shows the block is collected (native/block.c), or by the one who
 *               fills, if he knows that nobody has taken it or that who has it is dead
 * Which blocks there are, only the one who fills knows. If a receiver dies, its blocks stay FILLED until he frees them; if he
 * dies, what receivers have stays theirs, because each block is mapped as long as anything shows it.
 *
 * INVARIANT: a block is written only while it is FREE, so that what a receiver sees never changes under it.
 */
import { closeSync, ftruncateSync } from "node:fs";
import { backWithMemory } from "./backing.js";
import { checked } from "./checked.js";
import { type NativeHandle, native } from "./native.js";
import { openDescriptor, Segment, type SegmentHandle } from "./segment.js";
import { registerShared } from "./shared-type.js";
import { collectYoungGarbage } from "./young-garbage.js";

const PAGE = 4096;
const FREE = 0;
const FILLED = 1;
/** Contents of the smallest blocks. */
const SMALLEST = 64 * 1024;
const LARGEST = 2 ** 30;
/** More than this in all is not kept: then bytes travel the ordinary way. */
const MOST = 256 * 1024 * 1024;
/** After so many bytes the receiver looks for those that are garbage, so that blocks are filled again while they are warm. */
const MOST_LENT = 8 * 1024 * 1024;
/** A block that is free and was not filled for one to two such turns, in milliseconds, gives its memory back. */
const TURN = 1000;

/** Names filled contents to the other side: the block's offset and its size in the file, and the length in bytes. */
export type BlockHandle = readonly [offset: number, size: number, length: number];

interface Block {
  readonly offset: number;
  readonly size: number;
  readonly state: Int32Array;
  readonly contents: Uint8Array;
  /** How much of the contents has memory. */
  backed: number;
  /** When it was filled last, in turns of the depot's clock. */
  filledAt: number;
}

const closing = new FinalizationRegistry<number>((fd) => closeSync(fd));

export class Depot {
  /** The filler's. By size; the one used last comes first, as its memory is warm. */
  private readonly blocks = new Map<number, Block[]>();
  private readonly byOffset = new Map<number, Block>();
  private end = 0;
  /** Bytes that have memory. */
  private kept = 0;
  private turn = 0;
  private clock: NodeJS.Timeout | undefined;
  private page: ArrayBuffer | undefined;
  /** The receiver's. */
  private readonly opened = new Map<number, NativeHandle>();
  /** Bytes lent since garbage was looked for. */
  private lent = 0;

  private constructor(
    private readonly segment: Segment | undefined,
    private readonly fd: number,
  ) {}

  static create(): Depot {
    const segment = Segment.create(PAGE, "depot");
    return new Depot(segment, segment.fd);
  }

  static open(handle: SegmentHandle): Depot {
    const fd = openDescriptor(handle);
    const depot = new Depot(undefined, fd);
    closing.register(depot, fd, depot);
    return depot;
  }

  /** Words that all who have the depot share. */
  get words(): Int32Array {
    this.page ??= this.segment?.buffer ?? checked<ArrayBuffer>(native.map(this.fd, 0, PAGE), "mmap", "open a depot");
    return new Int32Array(this.page);
  }

  handle(): SegmentHandle {
    if (!this.segment) throw new Error("only its maker hands a depot on");
    return this.segment.handle();
  }

  /** Gives up the descriptor; what it has lent stays. */
  close(): void {
    clearTimeout(this.clock);
    if (this.segment) this.segment.close();
    else if (closing.unregister(this)) closeSync(this.fd);
  }

  // ---- filling

  /** Copies bytes into a free block; undefined if they are too large, or too much is on its way. */
  put(bytes: Uint8Array): BlockHandle | undefined {
    const room = roomFor(bytes.length);
    if (room > LARGEST) return undefined;
    const block = this.freeBlock(room, bytes.length);
    if (!block || !this.back(block, bytes.length)) return undefined;
    Atomics.store(block.state, 0, FILLED);
    block.filledAt = this.turn;
    block.contents.set(bytes);
    this.startClock();
    return [block.offset, block.size, bytes.length];
  }

  /** For contents that nobody has, or will ever have. */
  free([offset]: BlockHandle): void {
    const block = this.byOffset.get(offset);
    if (block) Atomics.store(block.state, 0, FREE);
  }

  private freeBlock(room: number, length: number): Block | undefined {
    const blocks = this.blocks.get(room);
    const at = blocks?.findIndex(({ state }) => Atomics.load(state, 0) === FREE) ?? -1;
    if (at < 0) return this.newBlock(room, length);
    const block = blocks![at]!;
    blocks!.copyWithin(1, 0, at);
    blocks![0] = block;
    return block;
  }

  private newBlock(room: number, length: number): Block | undefined {
    if (this.kept + length > MOST) this.giveBack(this.turn);
    if (this.kept + length > MOST) return undefined;
    const offset = this.end === 0 ? PAGE : this.end;
    const size = PAGE + room;
    try {
      ftruncateSync(this.fd, offset + size);
    } catch {
      return undefined; // a limit on file sizes: the ordinary way is still there
    }
    const buffer = native.map(this.fd, offset, size);
    if (typeof buffer === "number") return undefined;
    const block = {
      offset,
      size,
      state: new Int32Array(buffer, 0, 1),
      contents: new Uint8Array(buffer, PAGE, room),
      backed: 0,
      filledAt: 0,
    };
    this.end = offset + size;
    this.blocks.set(room, [block, ...(this.blocks.get(room) ?? [])]);
    this.byOffset.set(offset, block);
    return block;
  }

  /** Touching memory that is not there would end the process; so it is asked for first. */
  private back(block: Block, length: number): boolean {
    if (length <= block.backed) return true;
    try {
      backWithMemory(this.fd, length + PAGE, "send bytes", block.offset);
    } catch {
      return false;
    }
    this.kept += length - block.backed;
    block.backed = length;
    return true;
  }

  /** Free blocks that were filled last in that turn or before give their memory back. */
  private giveBack(turn: number): void {
    for (const block of this.byOffset.values()) {
      if (block.backed === 0 || block.filledAt > turn || Atomics.load(block.state, 0) !== FREE) continue;
      native.punch(this.fd, block.offset + PAGE, block.size - PAGE);
      this.kept -= block.backed;
      block.backed = 0;
    }
  }

  /** Runs while there is something to give back, and keeps neither the process nor the depot alive. */
  private startClock(): void {
    if (this.clock) return;
    const self = new WeakRef(this);
    this.clock = setTimeout(() => self.deref()?.tick(), TURN).unref();
  }

  private tick(): void {
    this.clock = undefined;
    this.giveBack(this.turn - 1);
    this.turn++;
    if (this.kept > 0) this.startClock();
  }

  // ---- receiving

  /**
   * What a handle names, as a buffer that is the caller's own until it is collected.
   * @throws {SystemError} EINVAL when it names nothing, ENOMEM
   */
  take([offset, size, length]: BlockHandle): ArrayBuffer {
    let block = this.opened.get(offset);
    if (!block) {
      block = checked<NativeHandle>(native.blockOpen(this.fd, offset, size), "mmap", "receive bytes");
      this.opened.set(offset, block);
    }
    this.lent += length;
    if (this.lent >= MOST_LENT) {
      this.lent = 0;
      collectYoungGarbage();
    }
    return checked<ArrayBuffer>(native.blockLend(block, PAGE, length), "mmap", "receive bytes");
  }
}

function roomFor(length: number): number {
  let room = SMALLEST;
  while (room < length) room *= 2;
  return room;
}

registerShared<Depot>({
  name: "Depot",
  cls: Depot as unknown as abstract new (...args: never[]) => Depot,
  pack: (depot) => depot.handle(),
  unpack: (handle) => Depot.open(handle as SegmentHandle),
});
