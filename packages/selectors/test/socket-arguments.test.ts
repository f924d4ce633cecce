/** Whatever is given to whichever call: it works, or says in its own words what is wrong; nothing crashes, blocks or is left open. */
import { createConnection, createServer, Socket, socketpair } from "@cordage/selectors";
import { newFiles } from "@cordage/test-support";
import { afterAll, expect, test } from "@jest/globals";

const leftOpen = newFiles();
afterAll(() => expect(leftOpen()).toEqual([]));

const detached = new Uint8Array(8);
structuredClone(detached, { transfer: [detached.buffer] });
const values: unknown[] = [
  undefined,
  null,
  true,
  0,
  -0,
  1,
  -1,
  1.5,
  2 ** 31 - 1,
  2 ** 31,
  2 ** 32,
  2 ** 53,
  -(2 ** 31),
  1e300,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  10n,
  "",
  "x",
  "\0",
  "a\0b",
  "127.0.0.1:0",
  "constructor",
  "__proto__",
  "x".repeat(1000),
  Symbol("s"),
  () => 1,
  {},
  [],
  [[]],
  ["127.0.0.1", 0],
  ["127.0.0.1", "0"],
  ["", Number.NaN],
  ["::1", 0, 0, 0],
  { host: null, port: 1 },
  { path: 5 },
  { port: {} },
  new Proxy({}, {}),
  Buffer.alloc(0),
  detached,
  new DataView(new ArrayBuffer(3), 1),
  new SharedArrayBuffer(1),
  new Float64Array(2),
  new Map(),
];

const methods = (
  "bind listen accept connect connectEx recv recvInto recvFrom recvFromInto send sendAll sendTo shutdown setBlocking " +
  "setTimeout getTimeout getBlocking getOption setOption address peerAddress fileno dup toString"
).split(" ") as Array<keyof Socket>;
const made: Array<[string, () => Socket[]]> = [
  ["a new TCP socket", () => [new Socket()]],
  ["a new UDP socket", () => [new Socket({ type: "dgram" })]],
  ["a new IPv6 socket", () => [new Socket({ family: "inet6" })]],
  ["a new unix socket", () => [new Socket({ family: "unix" })]],
  ["a connected socket", socketpair],
  ["a listener", () => [createServer(0)]],
];

/** Where a value may stand among the arguments. */
function argumentLists(one: unknown): unknown[][] {
  return [[one], [one, one], [1, one], [1, one, one], [1, 2, one], [Buffer.alloc(9), one], [Buffer.alloc(9), 9, one]];
}

/** An error in words of this package or of Node's, not of the native edge's; what came of it is closed. */
function check(call: () => unknown): void {
  try {
    const result = call();
    for (const one of [result].flat()) if (one instanceof Socket) one.close();
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    const inWords = /^cannot [a-z]/.test(message) && !message.includes("native edge");
    if (!inWords || !/^E/.test(code)) throw error; // not by expect: there are a hundred thousand
  }
}

test.each(made)("%s", (_what, make) => {
  for (const method of methods)
    for (const one of values) {
      if (method === "bind" && typeof one === "string" && one[0] !== "\0") continue; // would make a file
      const [socket, ...others] = make() as [Socket, ...Socket[]];
      const use = (args: unknown[]) => check(() => (socket[method] as (...args: unknown[]) => unknown)(...args));
      for (const args of argumentLists(one)) {
        if (!socket.closed) socket.setBlocking(false);
        use(args);
      }
      for (const each of [socket, ...others]) each.close();
      for (const args of argumentLists(one)) use(args);
    }
});

test("the functions that make sockets", () => {
  for (const one of values) {
    check(() => new Socket(one as never));
    for (const name of ["family", "type", "fileno"])
      if (name !== "fileno" || !isOpen(one)) check(() => new Socket({ [name]: one }));
    check(() => socketpair({ type: one as never }));
    for (const name of ["backlog", "reusePort", "dualStack"]) check(() => createServer(0, { [name]: one }));
    for (const name of ["timeout", "sourceAddress"]) check(() => createConnection(["127.0.0.1", 1], { [name]: one }));
    if (typeof one !== "string") check(() => createServer(one as never));
    if (!(Array.isArray(one) && one[1] === 0)) check(() => createConnection(one as never, { timeout: 1 }));
  }
});

/** Descriptors of jest's own. */
function isOpen(value: unknown): boolean {
  return typeof value === "number" && value >= 0 && value < 3;
}
