/** What a server lets its clients do, and what a peer may take. */
import { integerOf } from "@cordage/ipc/sys";

export interface Limits {
  /** Bytes of one message, 1024 to 2^31-1. Default: 256 MiB. */
  maxMessage: number;
  /** Connections at a time, 1 to 2^20. Default: 16384. */
  maxConnections: number;
  /** Connections at a time that have not proved themselves yet, 1 to 2^20: whoever takes longest makes room. Default: 1024. */
  maxStrangers: number;
  /** Calls of one connection that are not answered yet, 1 to 2^24. Default: 100000. */
  maxCalls: number;
  /** Milliseconds that a client may take to prove itself, 1 to 2^31-1. Default: 10000. */
  handshakeTimeout: number;
  /**
   * Milliseconds that what a client has, its references and locks, is kept for it after its connection broke without
   * the client closing it, 0 to 2^31-1. Default: 0.
   */
  linger: number;
}

const MOST = 2 ** 31 - 1;
const ranges: Record<keyof Limits, [standard: number, least: number, most: number]> = {
  maxMessage: [256 * 1024 * 1024, 1024, MOST],
  maxConnections: [16_384, 1, 2 ** 20],
  maxStrangers: [1024, 1, 2 ** 20],
  maxCalls: [100_000, 1, 2 ** 24],
  handshakeTimeout: [10_000, 1, MOST],
  linger: [0, 0, MOST],
};

/** @throws {RangeError} ERR_OUT_OF_RANGE, @throws {TypeError} ERR_INVALID_ARG_TYPE */
export function limitsOf(options: Partial<Limits>, doing: string): Limits {
  const names = Object.keys(ranges) as Array<keyof Limits>;
  return Object.fromEntries(
    names.map((name) => {
      const [standard, least, most] = ranges[name];
      return [name, integerOf(options[name] ?? standard, name, doing, least, most)];
    }),
  ) as unknown as Limits;
}
