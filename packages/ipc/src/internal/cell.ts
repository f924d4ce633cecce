/**
 * Small pieces of shared memory, many to a segment, so that a lock costs 64 bytes and no descriptor of its own.
 *
 * Layout of an arena (one segment, cells of one size):
 *   [0, 4n)          Int32 reference counts, one for each cell; written by every process
 *   [first, ...)     n cells, each aligned to 64 bytes (a cache line)
 *
 * INVARIANT: a cell with a count above 0 is not handed out. The arena's creator claims a cell by 0 -> 1; a packed
 * handle carries one count, which its receiver takes over; each wrapper gives one back when it is collected or the
 * process exits. A process that is killed never gives its counts back: that cell is lost until its arena goes, and
 * nobody's memory is reused under them.
 */
import { afterFork, beforeFork } from "./after-fork.js";
import { Segment, type SegmentHandle } from "./segment.js";

const ARENA_BYTES = 64 * 1024;
const LINE = 64;

export interface CellHandle {
  segment: SegmentHandle;
  /** Byte offset of the cell, its size, and the index of its count. */
  at: number;
  size: number;
  count: number;
}

export interface Cell {
  readonly words: Int32Array;
  readonly buffer: ArrayBuffer;
  readonly byteOffset: number;
  readonly size: number;
  /** Packs a handle, which holds a count of its own until it is adopted. */
  handle(): CellHandle;
}

interface Count {
  counts: Int32Array;
  index: number;
}

const held = new Set<Count>();
const collected = new FinalizationRegistry<Count>(giveBack);

function giveBack(count: Count): void {
  if (held.delete(count)) Atomics.sub(count.counts, count.index, 1);
}

process.on("exit", () => {
  for (const count of held) giveBack(count);
});
// The child starts with every cell of its parent; its counts are taken before the parent can give its own back.
beforeFork(() => {
  for (const { counts, index } of held) Atomics.add(counts, index, 1);
});

class SharedCell implements Cell {
  readonly words: Int32Array;
  private readonly count: Count;

  constructor(
    private readonly segment: Segment,
    readonly byteOffset: number,
    readonly size: number,
    index: number,
  ) {
    this.words = new Int32Array(segment.buffer, byteOffset, size / 4);
    this.count = { counts: new Int32Array(segment.buffer, 0, index + 1), index };
    held.add(this.count);
    collected.register(this, this.count);
  }

  get buffer(): ArrayBuffer {
    return this.segment.buffer;
  }

  handle(): CellHandle {
    Atomics.add(this.count.counts, this.count.index, 1);
    return { segment: this.segment.handle(), at: this.byteOffset, size: this.size, count: this.count.index };
  }
}

class Arena {
  private readonly segment: Segment;
  private readonly counts: Int32Array;
  private readonly first: number;
  private cursor = 0;

  constructor(private readonly size: number) {
    const bytes = Math.max(ARENA_BYTES, 2 * LINE + size);
    const cells = Math.max(1, Math.floor((bytes - LINE) / (size + 4)));
    this.segment = Segment.create(bytes, `cells-${size}`);
    this.counts = new Int32Array(this.segment.buffer, 0, cells);
    this.first = Math.ceil((cells * 4) / LINE) * LINE;
  }

  allocate(): Cell | undefined {
    for (let tried = 0; tried < this.counts.length; tried++) {
      const index = this.cursor;
      this.cursor = (this.cursor + 1) % this.counts.length;
      if (Atomics.compareExchange(this.counts, index, 0, 1) !== 0) continue;
      const cell = new SharedCell(this.segment, this.first + index * this.size, this.size, index);
      cell.words.fill(0);
      return cell;
    }
    return undefined;
  }
}

let arenas = new Map<number, Arena[]>();
// Two processes must not hand out cells of one arena: the child starts arenas of its own.
afterFork(() => {
  arenas = new Map();
});

/** Zeroed shared memory of at least `bytes` bytes, aligned to 64. */
export function allocateCell(bytes: number): Cell {
  const size = Math.max(LINE, 2 ** Math.ceil(Math.log2(bytes)));
  const ours = arenas.get(size) ?? [];
  arenas.set(size, ours);
  for (let i = ours.length - 1; i >= 0; i--) {
    const cell = ours[i]!.allocate();
    if (cell) return cell;
  }
  const arena = new Arena(size);
  ours.push(arena);
  return arena.allocate()!;
}

/** The cell that a packed handle names; takes over the handle's count, so a handle is adopted once. */
export function adoptCell(handle: CellHandle): Cell {
  if (!isCellHandle(handle)) throw new TypeError("it is not the handle of a cell");
  const segment = Segment.open(handle.segment);
  return new SharedCell(segment, handle.at, handle.size, handle.count);
}

/** Whether the value is a packed handle. */
export function isCellHandle(value: unknown): value is CellHandle {
  if (typeof value !== "object" || value === null) return false;
  const { segment, at, size, count } = value as Partial<CellHandle>;
  return typeof segment === "object" && [at, size, count].every(Number.isInteger);
}

/** Gives back the count of a handle that was packed by this process and then not sent. */
export function discardHandle(handle: CellHandle): void {
  const counts = new Int32Array(Segment.open(handle.segment).buffer, 0, handle.count + 1);
  Atomics.sub(counts, handle.count, 1);
}
