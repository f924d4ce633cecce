import { once } from "node:events";
import net from "node:net";
import { AuthenticationError, Client, type Connection, clientSync, Listener } from "@cordage/ipc";
import { newFiles } from "@cordage/test-support";
import { afterAll, describe, expect, test } from "@jest/globals";
import { outputOf } from "../support/connection-children.js";

const opened = newFiles();
afterAll(() => expect(opened()).toEqual([]));
const key = "a key that both know";
const WELCOME = "#WELCOME#";

/** The listener goes on, whatever a stranger did. */
async function stillWorks(listener: Listener): Promise<void> {
  const [client, connection] = await Promise.all([Client(listener.address, { authkey: key }), listener.accept()]);
  await client.send(1);
  expect(await connection.recv()).toBe(1);
  client.close();
  connection.close();
}

// 140 _TestListener.test_empty_authkey, 183 ChallengeResponseTest.test_challengeresponse
test.each([
  ["text", "kännwort"],
  ["bytes", new Uint8Array([0, 255, 1])],
  ["nothing", ""],
  ["no bytes", Buffer.alloc(0)],
])("a key of %s authenticates both sides", async (_, authkey) => {
  using listener = new Listener(undefined, { authkey });
  const [client, connection] = await Promise.all([Client(listener.address, { authkey }), listener.accept()]);
  await connection.send("hello");
  expect(await client.recv()).toBe("hello");
  client.close();
  connection.close();
});

test.each(["sync", "promise"])(
  "another process proves itself in %s form, to a listener in either form",
  async (form) => {
    using listener = new Listener(["127.0.0.1", 0], { authkey: key });
    for (const accept of [() => listener.accept(), () => listener.acceptSync()]) {
      const output = outputOf("client.mjs", [JSON.stringify(listener.address), form, key]);
      using connection = await accept();
      await connection.send(await connection.recv());
      expect(await output).toBe("hello");
    }
  },
);

test("a wrong key is an AuthenticationError on both sides, and the listener goes on", async () => {
  using listener = new Listener(undefined, { authkey: key });
  const output = outputOf("client.mjs", [JSON.stringify(listener.address), "sync", "another key"]);
  expect(() => listener.acceptSync()).toThrow(AuthenticationError);
  expect(await output).toBe("ERR_AUTHENTICATION");
  const [client, accepted] = await Promise.allSettled([
    Client(listener.address, { authkey: "another key" }),
    listener.accept(),
  ]);
  expect([client, accepted]).toMatchObject(
    Array(2).fill({ reason: { name: "AuthenticationError", code: "ERR_AUTHENTICATION" } }),
  );
  await stillWorks(listener);
});

test("a client with a key refuses a listener without one, which greets instead of asking", async () => {
  using listener = new Listener();
  const client = Client(listener.address, { authkey: key });
  using connection = await listener.accept();
  await connection.send("hello");
  await expect(client).rejects.toThrow(AuthenticationError);
});

test("a key is a string or bytes", () => {
  expect(() => new Listener(undefined, { authkey: 5 as never })).toThrow(
    expect.objectContaining({ code: "ERR_INVALID_ARG_TYPE" }),
  );
  expect(() => clientSync("/nowhere", { authkey: ["secret"] as never })).toThrow(/received 'an array'/);
});

describe("a stranger who", () => {
  const acts: Array<[string, (stranger: Connection) => Promise<void>]> = [
    ["answers nonsense", (s) => s.sendBytes(Buffer.from("some bytes"))], // 181 test_deliver_challenge_auth_failure
    ["answers nothing", (s) => s.sendBytes(Buffer.alloc(0))],
    ["sends our challenge back", async (s) => s.sendBytes(await s.recvBytes())],
    ["sends more than 256 bytes", (s) => s.sendBytes(Buffer.alloc(257))],
    ["leaves at once", async (s) => s.close()],
    ["stalls", async () => {}],
  ];
  // The second cannot answer while this thread blocks in acceptSync().
  const untilTimeout = new Set(["stalls", "sends our challenge back"]);
  test.each(acts)("%s is refused, in both forms, and the listener goes on", async (name, act) => {
    using listener = new Listener(undefined, {
      authkey: key,
      handshakeTimeout: untilTimeout.has(name) ? 1000 : 60_000,
    });
    for (const accept of [async () => listener.acceptSync(), () => listener.accept()]) {
      using stranger = await Client(listener.address);
      const accepted = Promise.all([act(stranger), accept()]);
      await expect(accepted).rejects.toThrow(AuthenticationError);
    }
    await stillWorks(listener);
  });

  test.each([
    ["garbage", Buffer.from("GET / HTTP/1.1\r\n\r\n")],
    ["a negative length", Buffer.from([0xff, 0xff, 0xff, 0x00])],
    ["a length of 2^63 - 1", Buffer.from("ffffffff7fffffffffffffff", "hex")],
    ["a length below zero in 64 bits", Buffer.from("ffffffffffffffffffffffff", "hex")],
    ["a length of 2 GiB", Buffer.from("7fffffff", "hex")],
    ["descriptors without end", Buffer.from("fffffffe7fffffff", "hex")],
    ["descriptors that never came", Buffer.from("fffffffe00000001000000037878", "hex")],
    ["half a message", Buffer.from("0000000a61", "hex")],
  ])("sends %s is refused at once or when he leaves", async (_, bytes) => {
    using listener = new Listener(["127.0.0.1", 0], { authkey: key, handshakeTimeout: 60_000 });
    const accepted = listener.accept();
    const [host, port] = listener.address as [string, number];
    const socket = net.connect(port, host).on("error", () => {});
    socket.end(bytes);
    await expect(accepted).rejects.toThrow(AuthenticationError);
    socket.destroy();
    await once(socket, "close");
    await stillWorks(listener);
  });
});

// 199 TestTimeouts.test_timeout
test("the time for a handshake, the one timeout that is set beforehand, limits neither accept() nor recv()", async () => {
  using listener = new Listener(undefined, { authkey: key, handshakeTimeout: 1000 });
  const longer = { timeout: 1100 };
  await expect(listener.accept(longer)).rejects.toThrow(expect.objectContaining({ code: "ERR_TIMEOUT" }));
  const accepted = listener.accept();
  using client = await Client(listener.address, { authkey: key });
  using connection = await accepted;
  await expect(connection.recv(longer)).rejects.toThrow(expect.objectContaining({ code: "ERR_TIMEOUT" }));
  await client.send("in time");
  expect(await connection.recv()).toBe("in time");
});

test("a stranger who stalls holds up nobody", async () => {
  using listener = new Listener(undefined, { authkey: key, handshakeTimeout: 60_000 });
  const accepted = listener.accept();
  using stalling = await Client(listener.address);
  await stalling.recvBytes(); // the challenge: his handshake is under way
  using client = await Client(listener.address, { authkey: key });
  using connection = await accepted;
  client.sendSync("served first");
  expect(await connection.recv()).toBe("served first");
});

// 182 test_answer_challenge_auth_failure
test.each(["promise", "sync"])(
  "a client refuses a listener that says anything but welcome, in %s form",
  async (form) => {
    using listener = new Listener();
    const address = JSON.stringify(listener.address);
    const client =
      form === "sync"
        ? outputOf("client.mjs", [address, form, key])
        : Client(listener.address, { authkey: key }).catch((e) => e.code);
    using connection = await listener.accept();
    await connection.sendBytes(Buffer.from(`#CHALLENGE#{sha256}${"x".repeat(40)}`));
    expect(await connection.recvBytes()).toHaveLength(8 + 32);
    await connection.sendBytes(Buffer.from("something bogus"));
    expect(await client).toBe("ERR_AUTHENTICATION");
  },
);

test.each([
  ["another digest", `#CHALLENGE#{md5}${"x".repeat(40)}`],
  ["no digest", `#CHALLENGE#${"x".repeat(40)}`],
  ["too little to be random", "#CHALLENGE#{sha256}xxxxx"],
  ["no challenge", "hello"],
])("a client answers no challenge with %s", async (_, challenge) => {
  using listener = new Listener();
  const client = Client(listener.address, { authkey: key });
  using connection = await listener.accept();
  await connection.sendBytes(Buffer.from(challenge));
  await expect(client).rejects.toThrow(AuthenticationError);
  await expect(connection.recvBytes()).rejects.toThrow(expect.objectContaining({ code: "ERR_EOF" }));
});

test("a false listener cannot have one client answer the challenge of another", async () => {
  using listener = new Listener();
  const victim = Client(listener.address, { authkey: key });
  using first = await listener.accept();
  await first.sendBytes(Buffer.from(`#CHALLENGE#{sha256}${"x".repeat(40)}`));
  await first.recvBytes();
  await first.sendBytes(Buffer.from(WELCOME));
  const challenge = await first.recvBytes();
  const helper = Client(listener.address, { authkey: key });
  using second = await listener.accept();
  await second.sendBytes(challenge);
  await expect(helper).rejects.toThrow(AuthenticationError);
  await expect(second.recvBytes()).rejects.toThrow(expect.objectContaining({ code: "ERR_EOF" }));
  first.close();
  await expect(victim).rejects.toThrow(AuthenticationError);
});

test("closing the listener ends handshakes that are under way", async () => {
  const listener = new Listener(undefined, { authkey: key });
  const accepted = listener.accept();
  using stranger = await Client(listener.address);
  await stranger.recvBytes();
  listener.close();
  await expect(accepted).rejects.toThrow(expect.objectContaining({ code: "ERR_CLOSED" }));
  await expect(stranger.recvBytes()).rejects.toThrow(expect.objectContaining({ code: "ERR_EOF" }));
});
