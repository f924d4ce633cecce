/** The options of sockets: those that have a name of their own, and how their values lie in memory; and by C's numbers. */
import { type Bytes, bytesOf, integerOf, invalidType, native, outOfRange } from "@cordage/ipc/sys";
import * as c from "../constants.js";
import { checkedSocket } from "../errors.js";
import { checkedInteger } from "./socket-arguments.js";

/** Options by name: yes or no, a number of bytes or milliseconds. */
export interface NamedOptions {
  /** A port can be bound again at once after its server ended. */
  reuseAddress: boolean;
  /** Several sockets may listen at one port; the kernel spreads the connections. */
  reusePort: boolean;
  /** The kernel asks a silent peer whether it is still there. */
  keepAlive: boolean;
  /** Milliseconds of silence before it asks first; a whole number of seconds. */
  keepAliveDelay: number;
  /** Small messages are sent at once, not gathered (Nagle's algorithm). */
  noDelay: boolean;
  /** Datagrams may go to everybody. */
  broadcast: boolean;
  /** An IPv6 socket that takes no IPv4. */
  ipv6Only: boolean;
  /** Bytes that may be on their way; the kernel doubles what is set. */
  sendBufferSize: number;
  /** Bytes that may wait to be received; the kernel doubles what is set. */
  receiveBufferSize: number;
  /** Milliseconds that `close` may wait for what was not sent yet; 0 resets the connection; `false` leaves it to the kernel. */
  linger: number | false;
  /** Read only: the errno of what went wrong meanwhile, 0 for nothing. Reading it clears it. */
  error: number;
}

interface Form<T> {
  readonly level: number;
  readonly name: number;
  pack(value: unknown, doing: string): Int32Array;
  unpack(words: Int32Array): T;
}

const yesOrNo = (level: number, name: number): Form<boolean> => ({
  level,
  name,
  pack(value, doing) {
    if (typeof value !== "boolean") throw invalidType(doing, "the option is true or false", value);
    return Int32Array.of(value ? 1 : 0);
  },
  unpack: ([word]) => word !== 0,
});

const whole = (level: number, name: number, unit = 1): Form<number> => ({
  level,
  name,
  pack: (value, doing) => Int32Array.of(Math.ceil(wholeNumber(value, doing) / unit)),
  unpack: ([word]) => word! * unit,
});

function wholeNumber(value: unknown, doing: string): number {
  if (typeof value !== "number") throw invalidType(doing, "the option is a number", value);
  if (!Number.isInteger(value) || value < 0 || value > 0x7fffffff)
    throw outOfRange(doing, "the option is a whole number from 0 to 2147483647", value);
  return value;
}

const SECOND = 1000;

const linger: Form<number | false> = {
  level: c.SOL_SOCKET,
  name: c.SO_LINGER,
  pack: (value, doing) =>
    value === false ? Int32Array.of(0, 0) : Int32Array.of(1, Math.ceil(wholeNumber(value, doing) / SECOND)),
  unpack: ([on, seconds]) => (on === 0 ? false : seconds! * SECOND),
};

const error: Form<number> = {
  level: c.SOL_SOCKET,
  name: c.SO_ERROR,
  pack(value, doing) {
    throw outOfRange(doing, "the option can only be read", value);
  },
  unpack: ([word]) => word!,
};

const FORMS: { [K in keyof NamedOptions]: Form<NamedOptions[K]> } = {
  reuseAddress: yesOrNo(c.SOL_SOCKET, c.SO_REUSEADDR),
  reusePort: yesOrNo(c.SOL_SOCKET, c.SO_REUSEPORT),
  keepAlive: yesOrNo(c.SOL_SOCKET, c.SO_KEEPALIVE),
  keepAliveDelay: whole(c.IPPROTO_TCP, c.TCP_KEEPIDLE, SECOND),
  noDelay: yesOrNo(c.IPPROTO_TCP, c.TCP_NODELAY),
  broadcast: yesOrNo(c.SOL_SOCKET, c.SO_BROADCAST),
  ipv6Only: yesOrNo(c.IPPROTO_IPV6, c.IPV6_V6ONLY),
  sendBufferSize: whole(c.SOL_SOCKET, c.SO_SNDBUF),
  receiveBufferSize: whole(c.SOL_SOCKET, c.SO_RCVBUF),
  linger,
  error,
};

function formOf<K extends keyof NamedOptions>(name: K, doing: string): Form<NamedOptions[K]> {
  if (Object.hasOwn(FORMS, name)) return FORMS[name];
  throw outOfRange(doing, `the options that have a name are ${Object.keys(FORMS).join(", ")}`, name);
}

const INTEGER_LENGTH = 4;
const LONGEST_OPTION = 1024;

export function namedOption<K extends keyof NamedOptions>(fd: number, option: K, doing: string): NamedOptions[K] {
  const { level, name, unpack } = formOf(option, doing);
  const words = new Int32Array(2);
  read(fd, level, name, new Uint8Array(words.buffer), doing);
  return unpack(words);
}

/** A number, or as many bytes as asked for. */
export function rawOption(fd: number, level: unknown, name: unknown, length: unknown, doing: string): number | Buffer {
  const bytes = Buffer.alloc(integerOf(length ?? INTEGER_LENGTH, "length", doing, 1, LONGEST_OPTION));
  const [at, option] = [checkedInteger(level, "level", doing), checkedInteger(name, "name", doing)];
  const filled = read(fd, at, option, bytes, doing);
  return length === undefined ? new Int32Array(bytes.buffer, bytes.byteOffset, 1)[0]! : bytes.subarray(0, filled);
}

function read(fd: number, level: number, name: number, bytes: Uint8Array, doing: string): number {
  return checkedSocket(native.getOption(fd, level, name, bytes), "getsockopt", doing);
}

export function setNamedOption(fd: number, option: keyof NamedOptions, value: unknown, doing: string): void {
  const { level, name, pack } = formOf(option, doing);
  write(fd, level, name, pack(value, doing), doing);
}

export function setRawOption(fd: number, level: unknown, name: unknown, value: unknown, doing: string): void {
  const [at, option] = [checkedInteger(level, "level", doing), checkedInteger(name, "name", doing)];
  const bytes = typeof value === "number" ? Int32Array.of(checkedInteger(value, "value", doing)) : (value as Bytes);
  write(fd, at, option, bytes, doing);
}

function write(fd: number, level: number, name: number, value: Bytes, doing: string): void {
  checkedSocket(native.setOption(fd, level, name, bytesOf(value, doing)), "setsockopt", doing);
}
