/**
 * Reads through a message without building anything, so that msgpackr only ever sees complete bytes of the subset that
 * our encoder writes: no record definitions, no extension that moves its reader, no deep nesting.
 *
 * Costs one step for each token, no allocation, and no recursion. Source: the msgpack specification.
 */
import { badMessage } from "./bad-message.js";

/** How deep arrays and objects may nest in bytes. What nests deeper travels as a heap, which is flat. */
export const MAX_DEPTH = 128;

const UNDEFINED = 0x00;
const BIGINT = 0x42;

// How many values are still missing in each open container; a scan never runs user code, so one is enough.
const missing = new Float64Array(MAX_DEPTH + 2);
let bytes: Uint8Array;
let at = 0;
let end = 0;

function truncated(): never {
  throw badMessage(`it ends too early, at byte ${end}`);
}

function number(size: 1 | 2 | 4): number {
  if (at + size > end) truncated();
  let value = bytes[at++]!;
  for (let i = 1; i < size; i++) value = value * 256 + bytes[at++]!;
  return value;
}

function skip(count: number): 0 {
  at += count;
  if (at > end) truncated();
  return 0;
}

function extension(size: number): 0 {
  const type = number(1);
  if (type !== UNDEFINED && type !== BIGINT) throw badMessage(`extension ${type} is not one of ours`);
  if (size === 0) throw badMessage("an extension is empty");
  return skip(size);
}

/** Steps over one token with a length of its own or a fixed one; returns how many values must follow inside it. */
function longToken(token: number): number {
  switch (token) {
    case 0xc0:
    case 0xc2:
    case 0xc3:
      return 0;
    case 0xc4:
    case 0xd9:
      return skip(number(1));
    case 0xc5:
    case 0xda:
      return skip(number(2));
    case 0xc6:
    case 0xdb:
      return skip(number(4));
    case 0xcc:
    case 0xd0:
      return skip(1);
    case 0xcd:
    case 0xd1:
      return skip(2);
    case 0xca:
    case 0xce:
    case 0xd2:
      return skip(4);
    case 0xcb:
    case 0xcf:
    case 0xd3:
      return skip(8);
    case 0xc7:
      return extension(number(1));
    case 0xc8:
      return extension(number(2));
    case 0xc9:
      return extension(number(4));
    case 0xd4:
    case 0xd5:
    case 0xd6:
    case 0xd7:
    case 0xd8:
      return extension(1 << (token - 0xd4));
    case 0xdc:
      return number(2);
    case 0xdd:
      return number(4);
    case 0xde:
      return number(2) * 2;
    case 0xdf:
      return number(4) * 2;
    default:
      throw badMessage(`byte ${token} starts no value`);
  }
}

function inside(token: number): number {
  if (token < 0x80 || token >= 0xe0) return 0;
  if (token < 0x90) return (token & 0x0f) * 2;
  if (token < 0xa0) return token & 0x0f;
  if (token < 0xc0) return skip(token & 0x1f);
  return longToken(token);
}

/** @throws {CodecError} ERR_BAD_MESSAGE unless the bytes from `start` to `stop` are exactly one value of the subset */
export function scan(source: Uint8Array, start: number, stop: number): void {
  bytes = source;
  at = start;
  end = stop;
  let depth = 0;
  missing[0] = 1;
  while (depth >= 0) {
    if (missing[depth] === 0) {
      depth--;
      continue;
    }
    missing[depth]!--;
    if (at >= end) truncated();
    const count = inside(source[at++]!);
    if (count === 0) continue;
    if (count > end - at) truncated();
    if (++depth > MAX_DEPTH) throw badMessage(`it nests deeper than ${MAX_DEPTH}`);
    missing[depth] = count;
  }
  if (at !== end) throw badMessage(`${end - at} bytes follow the value`);
}
