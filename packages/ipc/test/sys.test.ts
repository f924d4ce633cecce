import { constants, readdirSync, readlinkSync } from "node:fs";
import * as sys from "@cordage/ipc/sys";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { run } from "./support/fixture.js";

const failure = (code: string, errno: number, syscall: string) =>
  expect.objectContaining({ name: "SystemError", code, errno: -errno, syscall });
const closed = 1e6;
const named = (fd: string) => {
  try {
    return [`${fd} ${readlinkSync(`/proc/self/fd/${fd}`)}`];
  } catch {
    return []; // readdir's own
  }
};
/** What is open: new ones only count, as the garbage collector may close an earlier test file's at any time. */
const open = () => readdirSync("/proc/self/fd").flatMap(named);
let before: string[] = [];
beforeEach(() => {
  before = open();
});
afterEach(() => {
  expect(open().filter((one) => !before.includes(one))).toEqual([]);
});

test("a closed descriptor is EBADF in every call that takes one, with errno and the call's name", () => {
  const byte = new Uint8Array(1);
  const calls: Record<string, () => unknown> = {
    read: () => sys.read(closed, byte),
    write: () => sys.write(closed, byte),
    close: () => sys.close(closed),
    dup: () => sys.dup(closed),
    fcntl: () => sys.getFlags(closed),
    ioctl: () => sys.available(closed),
    mmap: () => sys.map(closed, 1),
    sendmsg: () => sys.sendDescriptors(closed, byte, [0]),
    recvmsg: () => sys.receiveDescriptors(closed, byte),
    listen: () => sys.listen(closed),
    accept4: () => sys.accept(closed),
    getsockname: () => sys.socketName(closed),
    getpeername: () => sys.peerName(closed),
    bind: () => sys.bind(closed, new Uint8Array(2)),
    connect: () => sys.connect(closed, new Uint8Array(2)),
    shutdown: () => sys.shutdown(closed, 2),
    pidfd_send_signal: () => sys.pidfdSignal(closed, 0),
    uv_poll_init: () => new sys.Watch(closed, () => {}),
    posix_spawn: () => sys.spawn("/bin/true", ["true"], { descriptors: [closed] }),
  };
  for (const [syscall, call] of Object.entries(calls)) expect(call).toThrow(failure("EBADF", 9, syscall));
  expect(() => sys.setFlags(closed, 0)).toThrow(failure("EBADF", 9, "fcntl"));
  expect(() => sys.fcntl(closed, sys.F_GETFD)).toThrow(failure("EBADF", 9, "fcntl"));
});

test("a process without descriptors gets EMFILE from every call that makes one", async () => {
  const { stdout, stderr } = await run("exhaust-calls.mjs", [], { first: "ulimit -n 64" });
  expect(stderr).toBe("");
  const emfile = (syscall: string) => ({ name: "SystemError", code: "EMFILE", errno: -24, syscall });
  expect(JSON.parse(stdout)).toEqual({
    dup: emfile("dup"),
    memfd: emfile("memfd_create"),
    pidfdOpen: emfile("pidfd_open"),
    pipe: emfile("pipe2"),
    socket: emfile("socket"),
    socketPair: emfile("socketpair"),
  });
});

test("a pipe carries bytes, tells how many, says EAGAIN when empty, and ends", () => {
  const { reader, writer } = sys.pipe({ nonblocking: true });
  const into = Buffer.alloc(8);
  expect(sys.getFlags(reader) & constants.O_NONBLOCK).toBe(constants.O_NONBLOCK);
  expect(() => sys.read(reader, into)).toThrow(failure("EAGAIN", 11, "read"));
  expect(sys.write(writer, Buffer.from("-hello-"), { offset: 1, length: 5 })).toBe(5);
  expect(sys.available(reader)).toBe(5);
  expect(
    sys.poll(
      [
        { fd: reader, events: 1 },
        { fd: closed, events: 1 },
      ],
      0,
    ),
  ).toEqual([1, 32]);
  expect(sys.read(reader, into, { offset: 2 })).toBe(5);
  expect(into.toString("latin1")).toBe("\0\0hello\0");
  sys.close(writer);
  expect(sys.read(reader, into)).toBe(0);
  sys.close(reader);
});

test("fcntl asks and sets what is a number, and refuses every command that takes an address", () => {
  const { reader, writer } = sys.pipe();
  expect(sys.fcntl(reader, sys.F_GETFD)).toBe(1); // FD_CLOEXEC
  expect(sys.fcntl(reader, sys.F_SETFD, 0)).toBe(0);
  expect(sys.fcntl(reader, sys.F_GETFD)).toBe(0);
  sys.fcntl(writer, sys.F_SETFL, sys.fcntl(writer, sys.F_GETFL) | sys.O_NONBLOCK);
  const size = sys.fcntl(writer, sys.F_SETPIPE_SZ, 4096);
  expect(sys.fcntl(reader, sys.F_GETPIPE_SZ)).toBe(size);
  expect(sys.write(writer, Buffer.alloc(2 * size))).toBe(size);
  const addresses = [5, 6, 7, 15, 16, 1036, 1024, 1029, -1, 0]; // locks, F_SETOWN_EX, hints, leases, what does not exist
  for (const command of addresses) expect(() => sys.fcntl(reader, command)).toThrow(failure("EINVAL", 22, "fcntl"));
  for (const fd of [reader, writer]) sys.close(fd);
});

test("a socket with O_ASYNC says by SIGIO that it can be read, to whom F_SETOWN names", async () => {
  const { stdout, stderr, code } = await run("hear-sigio.mjs");
  expect({ stdout, stderr, code }).toEqual({ stdout: "owner true, signal 0\nSIGIO: 5 bytes\n", stderr: "", code: 0 });
});

test("writing to a pipe that nobody reads is EPIPE", () => {
  const { reader, writer } = sys.pipe();
  sys.close(reader);
  expect(() => sys.write(writer, Buffer.of(1))).toThrow(failure("EPIPE", 32, "write"));
  sys.close(writer);
});

test("a memfd is shared by its mappings, and no mapping is longer than its file", () => {
  const fd = sys.memfd("test", 64);
  const [one, two] = [new Int32Array(sys.map(fd, 64)), new Int32Array(sys.map(fd, 64))];
  expect(() => sys.map(fd, 65)).toThrow(failure("EINVAL", 22, "mmap"));
  sys.close(fd);
  one[3] = 7;
  expect(two[3]).toBe(7);
  expect(sys.futexWait(one, 3, 8)).toBe("changed");
  expect(sys.futexWait(one, 3, 7, 1)).toBe("timeout");
  expect(sys.futexWake(two, 3)).toBe(0);
  sys.unmap(one.buffer);
  expect([one.length, two[3]]).toEqual([0, 7]);
});

test("a mapping longer than a buffer may be is an error, and a shorter one works afterwards", () => {
  const fd = sys.native.memfdCreate("sparse");
  const huge = 2 ** 40;
  expect(sys.native.allocate(fd, huge - 1, 1)).toBe(0); // the rest is a hole
  try {
    expect(sys.map(fd, huge).byteLength).toBe(huge);
  } catch (error) {
    expect((error as Error).name).toBe("RangeError");
  }
  expect(sys.map(fd, 4096).byteLength).toBe(4096);
  sys.close(fd);
});

test("a descriptor passed over a socket is the same open file", () => {
  const [a, b] = sys.socketPair();
  const { reader, writer } = sys.pipe();
  expect(sys.sendDescriptors(a, Buffer.from("x"), [writer])).toBe(1);
  const { bytes, descriptors } = sys.receiveDescriptors(b, Buffer.alloc(4));
  expect([bytes, descriptors.length]).toEqual([1, 1]);
  sys.write(descriptors[0]!, Buffer.from("through"));
  expect(sys.available(reader)).toBe(7);
  for (const fd of [a, b, reader, writer, ...descriptors]) sys.close(fd);
});

test("sockets are bound, listen, connect and know their names", () => {
  const address = Buffer.concat([Buffer.of(1, 0), Buffer.from(`\0cordage-test-${process.pid}`)]);
  const listener = sys.socket(1, 1 | 2048);
  sys.bind(listener, address);
  sys.listen(listener);
  expect(() => sys.accept(listener)).toThrow(failure("EAGAIN", 11, "accept4"));
  const client = sys.socket(1, 1);
  expect(() => sys.peerName(client)).toThrow(failure("ENOTCONN", 107, "getpeername"));
  expect(() => sys.bind(client, address)).toThrow(failure("EADDRINUSE", 98, "bind"));
  sys.connect(client, address);
  const { fd } = sys.accept(listener);
  expect(Buffer.from(sys.socketName(fd))).toEqual(address);
  expect(Buffer.from(sys.peerName(client))).toEqual(address);
  for (const socket of [listener, client, fd]) sys.close(socket);
  const late = sys.socket(1, 1);
  expect(() => sys.connect(late, address)).toThrow(failure("ECONNREFUSED", 111, "connect"));
  sys.close(late);
});

test("a child runs with the descriptors it was given, in any order, and its end is told", () => {
  const { reader, writer } = sys.pipe();
  const pid = sys.spawn("/bin/sh", ["sh", "-c", 'echo "$WORD" >&4; exit 7'], {
    env: { WORD: "given" },
    cwd: "/",
    descriptors: [2, 0, 1, reader, writer],
    ownSession: true,
  });
  const pidfd = sys.pidfdOpen(pid);
  expect(sys.poll([{ fd: pidfd, events: 1 }])).toEqual([1]);
  expect(sys.waitpid(pid, { block: true })).toBe(7);
  expect(() => sys.waitpid(pid)).toThrow(failure("ECHILD", 10, "waitpid"));
  expect(() => sys.pidfdSignal(pidfd, 0)).toThrow(failure("ESRCH", 3, "pidfd_send_signal"));
  const text = Buffer.alloc(16);
  expect(text.toString("latin1", 0, sys.read(reader, text))).toBe("given\n");
  for (const fd of [pidfd, reader, writer]) sys.close(fd);
});

test("a running child has no exit code, and a killed one has its signal's", () => {
  const pid = sys.spawn("/bin/sleep", ["sleep", "1000"]);
  const pidfd = sys.pidfdOpen(pid);
  expect(sys.waitpid(pid)).toBeUndefined();
  expect(sys.taskStart(pid)).toBeGreaterThan(0);
  sys.pidfdSignal(pidfd, 9);
  sys.poll([{ fd: pidfd, events: 1 }]);
  expect(sys.taskStart(pid)).toBeUndefined(); // a zombie has ended
  expect(sys.waitpid(pid, { block: true })).toBe(-9);
  expect(() => sys.pidfdOpen(pid)).toThrow(failure("ESRCH", 3, "pidfd_open"));
  expect(() => sys.spawn("/nowhere", ["x"])).toThrow(failure("ENOENT", 2, "posix_spawn"));
  sys.close(pidfd);
});

test("fork refuses a process with other threads", () => {
  expect(() => sys.fork()).toThrow(expect.objectContaining({ code: "ERR_NOT_SINGLE_THREADED" }));
  expect(sys.taskStart(sys.gettid())).toBeGreaterThan(0);
});

test("a watch tells that a descriptor is ready, until it is closed", async () => {
  const { reader, writer } = sys.pipe();
  const events = await new Promise<number>((resolve) => {
    const watch = new sys.Watch(reader, (found) => {
      watch.close();
      expect(() => watch.start(sys.READABLE)).toThrow(failure("EBADF", 9, "uv_poll_start"));
      resolve(found);
    });
    expect(() => watch.start(1000)).toThrow(failure("EINVAL", 22, "uv_poll_start"));
    watch.start(sys.READABLE);
    expect(() => new sys.Watch(reader, () => {})).toThrow(failure("EEXIST", 17, "uv_poll_init"));
    sys.write(writer, Buffer.of(1));
  });
  expect(events).toBe(sys.READABLE);
  for (const fd of [reader, writer]) sys.close(fd);
});

test("bytes whose memory was transferred elsewhere are none", () => {
  const gone = new ArrayBuffer(8);
  const views = [new DataView(gone, 1), new Uint16Array(gone), gone];
  structuredClone(gone, { transfer: [gone] });
  for (const bytes of views) {
    const error = expect.objectContaining({ code: "ERR_INVALID_ARG_TYPE" });
    expect(() => sys.sliceOf(bytes, 0, 4, "send")).toThrow(error);
    if (ArrayBuffer.isView(bytes)) expect(() => sys.bytesOf(bytes, "send")).toThrow("cannot send: its memory was");
  }
});

test("a watch of epoll instances that are too deep in each other is an error, and works once they are not", async () => {
  const { native } = sys;
  const add = (outer: number, inner: number) => native.epollControl(outer, 1, inner, 1, 0);
  const top = native.epollCreate();
  const chain = [native.epollCreate()];
  let woken = (): void => {};
  const watch = new sys.Watch(top, () => woken());
  do chain.unshift(native.epollCreate());
  while (add(chain[0]!, chain[1]!) === 0);
  // The first but one is as deep as the kernel allows; so is the top with what that one contains, and the event loop contains the top.
  expect(add(top, chain[2]!)).toBe(0);
  expect(() => watch.start(sys.READABLE)).toThrow(failure("ELOOP", 40, "uv_poll_start"));
  expect(native.epollControl(top, 2, chain[2]!, 0, 0)).toBe(0);
  const { reader, writer } = sys.pipe();
  expect(add(top, reader)).toBe(0);
  watch.start(sys.READABLE);
  sys.write(writer, Buffer.from("x"));
  await new Promise<void>((resolve) => {
    woken = resolve;
  });
  watch.close();
  for (const fd of [top, ...chain, reader, writer]) sys.close(fd);
});
