/** Options of sockets, by the names that they have here and by C's numbers. */
import {
  createConnection,
  createServer,
  IPPROTO_TCP,
  type NamedOptions,
  SO_ERROR,
  SO_KEEPALIVE,
  SO_LINGER,
  SO_RCVLOWAT,
  SO_REUSEADDR,
  SO_SNDBUF,
  SO_TYPE,
  SOL_SOCKET,
  Socket,
  TCP_KEEPCNT,
  TCP_KEEPIDLE,
  TCP_NODELAY,
} from "@cordage/selectors";
import { thrownBy } from "@cordage/test-support";
import { expect, test } from "@jest/globals";
import { coded, owned } from "./support/socket-kinds.js";

const SO_RCVTIMEO = 20;
const made = (): Socket => owned(new Socket());

const settable: Array<[keyof Omit<NamedOptions, "error">, unknown, unknown]> = [
  ["reuseAddress", true, true],
  ["reusePort", true, true],
  ["keepAlive", true, true],
  ["keepAliveDelay", 5000, 5000],
  ["keepAliveDelay", 1, 1000],
  ["noDelay", true, true],
  ["broadcast", true, true],
  ["sendBufferSize", 50_000, 100_000],
  ["receiveBufferSize", 50_000, 100_000],
  ["linger", 3000, 3000],
  ["linger", 1, 1000],
  ["linger", 0, 0],
  ["linger", false, false],
];
test.each(settable)("%s set to %p is %p", (name, value, seen) => {
  const socket = made();
  socket.setOption(name, value as never);
  expect(socket.getOption(name)).toBe(seen);
});

test("ipv6Only is of IPv6 sockets", () => {
  const six = owned(new Socket({ family: "inet6" }));
  six.setOption("ipv6Only", true);
  expect(six.getOption("ipv6Only")).toBe(true);
  expect(() => made().setOption("ipv6Only", true)).toThrow(coded("ENOPROTOOPT"));
});

test("by numbers, an option is a number, or bytes as C lays them out", () => {
  const socket = made();
  socket.setOption(SOL_SOCKET, SO_REUSEADDR, 1);
  expect([socket.getOption(SOL_SOCKET, SO_REUSEADDR), socket.getOption("reuseAddress")]).toEqual([1, true]);
  socket.setOption(IPPROTO_TCP, TCP_NODELAY, Int32Array.of(1));
  expect(socket.getOption("noDelay")).toBe(true);
  socket.setOption("keepAliveDelay", 7000);
  expect(socket.getOption(IPPROTO_TCP, TCP_KEEPIDLE)).toBe(7);
  socket.setOption(IPPROTO_TCP, TCP_KEEPCNT, 3);
  expect(socket.getOption(IPPROTO_TCP, TCP_KEEPCNT, 4)).toEqual(Buffer.from(Int32Array.of(3).buffer));
  socket.setOption(SOL_SOCKET, SO_LINGER, Int32Array.of(1, 9)); // struct linger
  expect(socket.getOption("linger")).toBe(9000);
  expect(socket.getOption(SOL_SOCKET, SO_LINGER, 8)).toEqual(Buffer.from(Int32Array.of(1, 9).buffer));
  expect(socket.getOption(SOL_SOCKET, SO_LINGER, 100).length).toBe(8);
  expect([socket.getOption(SOL_SOCKET, SO_TYPE), socket.getOption(SOL_SOCKET, SO_ERROR)]).toEqual([1, 0]);
  socket.setOption(SOL_SOCKET, SO_RCVLOWAT, 5);
  expect(socket.getOption(SOL_SOCKET, SO_RCVLOWAT, 1)).toEqual(Buffer.of(5));
  expect(socket.getOption(SOL_SOCKET, SO_SNDBUF)).toBe(socket.getOption("sendBufferSize"));
});

const refused: Array<[string, (socket: Socket) => unknown, string, RegExp]> = [
  [
    "a name that there is not",
    (s) => s.getOption("reuse" as never),
    "ERR_OUT_OF_RANGE",
    /have a name are reuseAddress, .*received 'reuse'$/,
  ],
  [
    "a property of every object",
    (s) => s.setOption("constructor" as never, true as never),
    "ERR_OUT_OF_RANGE",
    /received 'constructor'$/,
  ],
  [
    "a number for yes",
    (s) => s.setOption("noDelay", 1 as never),
    "ERR_INVALID_ARG_TYPE",
    /the option is true or false, received 1$/,
  ],
  [
    "text for a number",
    (s) => s.setOption("sendBufferSize", "1" as never),
    "ERR_INVALID_ARG_TYPE",
    /the option is a number, received '1'$/,
  ],
  [
    "half a byte",
    (s) => s.setOption("sendBufferSize", 0.5),
    "ERR_OUT_OF_RANGE",
    /whole number from 0 to 2147483647, received 0.5$/,
  ],
  [
    "a negative time",
    (s) => s.setOption("linger", -1),
    "ERR_OUT_OF_RANGE",
    /whole number from 0 to 2147483647, received -1$/,
  ],
  [
    "yes for a time",
    (s) => s.setOption("linger", true as never),
    "ERR_INVALID_ARG_TYPE",
    /the option is a number, received true$/,
  ],
  [
    "setting an error",
    (s) => s.setOption("error" as never, 0 as never),
    "ERR_OUT_OF_RANGE",
    /the option can only be read, received 0$/,
  ],
  [
    "no value",
    (s) => s.setOption(SOL_SOCKET, SO_KEEPALIVE, undefined as never),
    "ERR_INVALID_ARG_TYPE",
    /received undefined$/,
  ],
  [
    "a value that is too big",
    (s) => s.setOption(SOL_SOCKET, SO_KEEPALIVE, 2 ** 31),
    "ERR_OUT_OF_RANGE",
    /received 2147483648$/,
  ],
  [
    "a length of nothing",
    (s) => s.getOption(SOL_SOCKET, SO_LINGER, 0),
    "ERR_OUT_OF_RANGE",
    /from 1 to 1024, received 0$/,
  ],
  [
    "a length beyond all",
    (s) => s.getOption(SOL_SOCKET, SO_LINGER, 1025),
    "ERR_OUT_OF_RANGE",
    /from 1 to 1024, received 1025$/,
  ],
  [
    "a level that is none",
    (s) => s.getOption(0.5, 1),
    "ERR_OUT_OF_RANGE",
    /level must be a whole number .* received 0.5$/,
  ],
  [
    "an option that there is not",
    (s) => s.getOption(SOL_SOCKET, 9999),
    "ENOPROTOOPT",
    /getsockopt failed with ENOPROTOOPT \(the socket has no such option\)$/,
  ],
  [
    "too few bytes",
    (s) => s.setOption(SOL_SOCKET, SO_KEEPALIVE, Buffer.of(1)),
    "EINVAL",
    /setsockopt failed with EINVAL$/,
  ],
  [
    "an option of TCP for UDP",
    () => owned(new Socket({ type: "dgram" })).setOption("noDelay", true),
    "ENOTSUP|ENOPROTOOPT",
    /setsockopt failed/,
  ],
];
test.each(refused)("%s is refused", (_what, use, code, message) => {
  const error = thrownBy(() => use(made()));
  expect(error.code).toMatch(new RegExp(`^(${code})$`));
  expect(error.message).toMatch(/^cannot (read|set) an option of the socket: /);
  expect(error.message).toMatch(message);
});

test("a time limit of the kernel's own ends a wait with EAGAIN, as in Python", () => {
  const server = owned(createServer(["127.0.0.1", 0]));
  const client = owned(createConnection(server.address()));
  client.setOption(SOL_SOCKET, SO_RCVTIMEO, BigInt64Array.of(0n, 5000n)); // struct timeval
  expect(() => client.recv(1)).toThrow(coded("EAGAIN"));
});

const timeouts: Array<[unknown, string, string]> = [
  [-1, "ERR_OUT_OF_RANGE", "the timeout is 0 or more milliseconds, or null, received -1"],
  [Number.NaN, "ERR_OUT_OF_RANGE", "the timeout is 0 or more milliseconds, or null, received NaN"],
  ["1", "ERR_INVALID_ARG_TYPE", "the timeout is milliseconds or null, received '1'"],
  [undefined, "ERR_INVALID_ARG_TYPE", "the timeout is milliseconds or null, received undefined"],
];
test.each(timeouts)("a timeout of %p is refused, and the one before holds", (value, code, reason) => {
  const socket = made();
  socket.setTimeout(7.5);
  expect(thrownBy(() => socket.setTimeout(value as never))).toMatchObject({
    code,
    message: `cannot set how long the socket waits: ${reason}`,
  });
  expect(socket.getTimeout()).toBe(7.5);
});

test("blocking is a timeout of null, and not blocking one of 0", () => {
  const socket = made();
  expect([socket.getTimeout(), socket.getBlocking()]).toEqual([null, true]);
  const set: Array<[() => void, number | null, boolean]> = [
    [() => socket.setBlocking(false), 0, false],
    [() => socket.setBlocking(true), null, true],
    [() => socket.setTimeout(100), 100, true],
    [() => socket.setTimeout(0), 0, false],
    [() => socket.setTimeout(Number.POSITIVE_INFINITY), null, true],
    [() => socket.setTimeout(null), null, true],
  ];
  for (const [change, timeout, blocking] of set) {
    change();
    expect([socket.getTimeout(), socket.getBlocking()]).toEqual([timeout, blocking]);
  }
  expect(() => socket.setBlocking(1 as never)).toThrow("blocking is true or false, received 1");
});
