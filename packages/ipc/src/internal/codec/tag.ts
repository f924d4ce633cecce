/**
 * What a heap message holds.
 *
 *   byte 0xc1 (which starts no msgpack value), then the msgpack array [root, node 1, node 2, ...]
 *
 * `root` and whatever a node holds are slots. A slot is a primitive, or `[i]`, a reference to node i, or `[-1]`, which
 * is -0. Any cycle, shared reference and depth is possible, and reading one needs no recursion.
 *
 *   OBJECT  key, value, ...            ARRAY    item, ...             SPARSE  length, index, item, ...
 *   MAP     key, value, ...            SET      item, ...             DATE    milliseconds
 *   REGEXP  source, flags              BOXED    primitive             BYTES   kind, binary (or what names it, beside the message)
 *   TEXT    binary (UTF-16)            URL      href                  ERROR   class, key, value, ...
 *   DOM     message, name, key, ...    CLASS    name, base, n, n x (key, value), contents of the base
 *   PACKED  class, data                SHARED   type, data, module    FUNCTION  url, name, task, text
 */
export const HEAP = 0xc1;
export const MINUS_ZERO = -1;

export enum Tag {
  OBJECT,
  ARRAY,
  SPARSE,
  MAP,
  SET,
  DATE,
  REGEXP,
  BOXED,
  BYTES,
  TEXT,
  URL,
  ERROR,
  DOM,
  CLASS,
  PACKED,
  SHARED,
  FUNCTION,
}

export type Node = unknown[];
