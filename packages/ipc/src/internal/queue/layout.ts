/*
 * The memory of a queue: one memfd, of which only header and ring are mapped; the log is read and written as a file.
 *
 *   bytes 0 .. 4095        header, below
 *   4096 .. 4096 + R       ring of R bytes, a power of two
 *   LOG ..                 log: the rest of the file, endless and sparse; starts on the next page
 *
 * Header (Int32 words; those of one group share cache lines, and each group has one kind of writer):
 *     0  MAGIC     1  R     2  MAXSIZE (0 = no bound)     3  STATE: OPEN -> SHUT -> DROPPED
 *    32  PUT       items ever put; written under PRODUCERS              33  ITEMS    bell of those who wait for items
 *    34  BACKED    bytes of the ring that have memory; written under PRODUCERS; only grows
 *    48  four lanes of the put side: tail, logTail low, logTail high, -
 *    64  GOT       items ever taken; written under CONSUMERS            65  SPACE    bell of those who wait for space
 *    80  four lanes of the got side: head, logHead low, logHead high, dropped
 *    96  PRODUCERS a lock word (lock.ts)         128  CONSUMERS the same
 *   160  DONE      items reported done; anybody                         161  TASKS    bell of those who join
 *   192  PUNCHED   pages of the log given back; anybody; a hint
 *
 * A frame is its length in 4 bytes and the payload. In the ring it starts on a multiple of 4 and may wrap around.
 * `head` and `tail` are positions in bytes modulo 2^32; `logHead` and `logTail` are file offsets, counted from LOG,
 * that only grow, so what was once committed in the log never changes under a reader.
 *
 * Transitions:
 *   put   under PRODUCERS: write the frame behind tail (or logTail), write lane PUT+1, then PUT := PUT+1.  PUBLISHES: item
 *   get   under CONSUMERS: copy the frame at head (or logHead), write lane GOT+1, then GOT := GOT+1.       PUBLISHES: space
 *   done  DONE := DONE+1 by compare-exchange.
 *   shut  under PRODUCERS: STATE := SHUT or DROPPED; after that PUT never changes again.
 * Lane n is the one at index n mod 4.
 *
 * INVARIANT: one store commits an operation with all that belongs to it. A process that dies before the store has
 * changed nothing: frames behind the tail and lanes other than that of the count are garbage. After the store the
 * operation is complete. So every count is a difference of counters and cannot drift:
 *   qsize = PUT - GOT, unfinished = PUT - DONE - dropped; and whoever takes a lock over from the dead repairs nothing.
 *
 * INVARIANT: the other side reads lane n while count is n .. n+2, for lane n is written again only on the way to n+4,
 * when the count is n+3. Reading the count again after the lane tells (a sequence lock).
 *
 * INVARIANT: a frame is written only into the first BACKED bytes, so that memory that has run out is an error of put and
 * not a signal. Backing bytes again changes nothing: who dies between fallocate(2) and the store leaves that to the next.
 *
 * INVARIANT: items in the ring are older than items in the log: while the log holds anything, producers append to it.
 * So consumers take from the ring while head is not tail, then from the log. An old view of the other side is always
 * the careful one: producers see less space and a fuller log than there is.
 */
export const HEADER_BYTES = 4096;
export const PAGE = 4096;
export const MAGIC = 0x51_75_01;

export const RING_BYTES = 1;
export const MAXSIZE = 2;
export const STATE = 3;
export const PUT = 32;
export const ITEMS = 33;
export const BACKED = 34;
export const PUT_LANES = 48;
export const GOT = 64;
export const SPACE = 65;
export const GOT_LANES = 80;
export const PRODUCERS = 96;
export const CONSUMERS = 128;
export const DONE = 160;
export const TASKS = 161;
export const PUNCHED = 192;

export const OPEN = 0;
export const SHUT = 1;
export const DROPPED = 2;

export const FRAME_HEADER = 4;

/** Where the lane of a count begins. */
export function laneAt(lanes: number, count: number): number {
  return lanes + (count & 3) * 4;
}

const HIGH = 2 ** 32;

/** A file offset from its two words. */
export function offsetOf(low: number, high: number): number {
  return high * HIGH + (low >>> 0);
}

export function lowOf(offset: number): number {
  return offset | 0;
}

export function highOf(offset: number): number {
  return Math.floor(offset / HIGH);
}
