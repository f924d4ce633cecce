/** Connections, and sockets of node:net, that one process makes and another uses. */
import net from "node:net";
import { text } from "node:stream/consumers";
import { Client, type Connection, Pipe } from "@cordage/ipc";
import { receiveDescriptor } from "@cordage/ipc/sys";
import { newFiles } from "@cordage/test-support";
import { afterAll, expect, test } from "@jest/globals";
import { ended, runBeside, runWith } from "../support/connection-children.js";

const opened = newFiles();
afterAll(() => expect(opened()).toEqual([]));

// 149 _TestPicklingConnections.test_pickling
test.each(["unix", "inet", "inet6"])(
  "a connection of family %s that another process accepted and passed on serves here, after that process's end",
  async (family) => {
    const [ours, theirs] = Pipe();
    const child = runWith("accept-and-pass.mjs", [theirs], [family]);
    const client = await Client(await ours.recv());
    const passed = await ours.recv();
    expect(await ended(child)).toBe(0);
    await client.send("hello");
    expect(passed.recvSync()).toBe("hello");
    passed.sendSync("x".repeat(100_000));
    expect(await client.recv()).toHaveLength(100_000);
    passed.close();
    await expect(client.recv()).rejects.toThrow(expect.objectContaining({ code: "ERR_EOF" }));
    for (const connection of [ours, client]) connection.close();
  },
);

// 149 _TestPicklingConnections.test_pickling
test("a socket of node:net that another process accepted and passed on serves here", async () => {
  const [ours, theirs] = Pipe();
  const child = runWith("accept-and-pass.mjs", [theirs], ["socket"]);
  const [host, port] = await ours.recv();
  const client = net.connect(port, host);
  const passed = new net.Socket({ fd: await receiveDescriptor(ours) });
  expect(await ended(child)).toBe(0);
  passed.end("from the one who has it now");
  expect(await text(client)).toBe("from the one who has it now");
  client.destroy();
  passed.destroy();
  ours.close();
});

// 150 _TestPicklingConnections.test_access
test("the ends of one-way pipes keep their direction where they arrive", async () => {
  const [ours, theirs] = Pipe();
  const child = runWith("use-passed-ends.mjs", [theirs]);
  const [reader, itsWriter] = Pipe({ duplex: false });
  await ours.send(itsWriter);
  itsWriter.close();
  expect(await reader.recv()).toEqual([false, true]);
  await expect(reader.recv()).rejects.toThrow(expect.objectContaining({ code: "ERR_EOF" }));
  const [itsReader, writer] = Pipe({ duplex: false });
  await ours.send(itsReader);
  itsReader.close();
  await writer.send("foobar");
  expect(await ours.recv()).toEqual([true, false, "foobarfoobar"]);
  expect(await ended(child)).toBe(0);
  for (const connection of [ours, reader, writer]) connection.close();
});

// 147 _TestPoll.test_boundaries
test("another process that polls takes nothing: all is there for the one who receives", async () => {
  const [reader, writer] = Pipe({ duplex: false });
  const child = runBeside("poll-only.mjs", [reader]);
  for (const message of ["first", "second"]) await writer.sendBytes(Buffer.from(message));
  expect(await ended(child)).toBe(0);
  expect([String(await reader.recvBytes()), String(reader.recvBytesSync())]).toEqual(["first", "second"]);
  for (const end of [reader, writer]) end.close();
});

const failures: [string, (carrier: Connection, moved: Connection) => Promise<unknown>, string][] = [
  ["nobody is at the other end (sync)", async (carrier, moved) => carrier.sendSync(moved), "EPIPE"],
  ["nobody is at the other end (promise)", (carrier, moved) => carrier.send({ moved }), "EPIPE"],
  ["its time is over", (carrier, moved) => carrier.send([moved], { timeout: 5 }), "ERR_TIMEOUT"],
  ["one message has too many", sendInCrowd, "ERR_NOT_SERIALIZABLE"],
  ["its timeout is none", (carrier, moved) => carrier.send(moved, { timeout: "1" as never }), "ERR_INVALID_ARG_TYPE"],
  ["a value beside it cannot travel", (carrier, moved) => carrier.send([moved, new WeakMap()]), "ERR_NOT_SERIALIZABLE"],
];

async function sendInCrowd(carrier: Connection, moved: Connection): Promise<void> {
  const crowd = Array.from({ length: 32 }, () => Pipe()).flat();
  try {
    await carrier.send([moved, ...crowd]);
  } finally {
    for (const end of crowd) end.close();
  }
}

test.each(failures)(
  "a connection that is not sent after all, because %s, keeps what it had read ahead",
  async (why, send, code) => {
    const [one, other] = Pipe();
    const [inside, outside] = Pipe();
    const [carrier, receiver] = Pipe();
    for (const message of [1, 2, { inside }, 3]) one.sendSync(message);
    inside.close();
    expect(other.recvSync()).toBe(1); // and reads ahead
    if (why.startsWith("nobody")) receiver.close();
    if (why.startsWith("its time")) carrier.sendBytes(Buffer.alloc(8 << 20)).catch(() => {});
    await expect(send(carrier, other)).rejects.toMatchObject({ code });
    expect(other.recvSync()).toBe(2);
    const { inside: arrived } = await other.recv();
    expect(await other.recv()).toBe(3);
    arrived.sendSync("through");
    expect(outside.recvSync()).toBe("through");
    for (const end of [one, other, arrived, outside, carrier, receiver]) end.close();
  },
);

const SIZES = [0, 1, 8187, 8192, 70_000, 300_000];
test.each(["sync", "promise"])(
  "two processes that take turns at one end get whole messages, none twice (the other in %s form)",
  async (form) => {
    const [reader, writer] = Pipe();
    const [control, theirs] = Pipe();
    const child = runBeside("receive-in-turns.mjs", [reader, theirs], [form]);
    theirs.close();
    const messages = SIZES.flatMap((size, i) => [2 * i, 2 * i + 1].map((n) => [n, "x".repeat(size)] as const));
    const sent = Promise.all(messages.map((message) => writer.send(message)));
    for (const [n, filling] of messages) {
      if (n % 2) await control.send("your turn");
      // Blocking only where all of the message is in the kernel: its sender shares this event loop.
      const own = async () => (n % 4 || filling.length > 8192 ? await reader.recv() : reader.recvSync());
      const received = n % 2 ? await control.recv() : await own();
      expect([received[0], received[1].length]).toEqual([n, filling.length]);
    }
    await sent;
    control.close();
    expect(await ended(child)).toBe(0);
    for (const end of [reader, writer]) end.close();
  },
);
