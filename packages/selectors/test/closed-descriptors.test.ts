/**
 * Descriptors that were closed while a copy of them is open elsewhere. The kernel keeps such a registration, cannot remove it any
 * more, and goes on to report it: under a number that may be another file's by then.
 */
import { EpollSelector, EVENT_READ, EVENT_WRITE, type Selector, type Socket } from "@cordage/selectors";
import { describe, expect, test } from "@jest/globals";
import {
  atEnd,
  begun,
  different,
  type Kind,
  looksMeanwhile,
  make,
  makeCounting,
  pair,
  turns,
} from "./support/selectors.js";

/** A socket, and the peer that makes it readable; the open file outlives the socket. */
function outliving(): [Socket, Socket] {
  const [socket, peer] = pair();
  const copy = socket.dup();
  atEnd(() => copy.close());
  return [socket, peer];
}

/** Leaves a registration behind in the kernel that can be read at once, and returns the number that it had. */
function leaveBehind(selector: Selector): number {
  const [socket, peer] = outliving();
  const fd = socket.fileno();
  selector.register(socket, EVENT_READ);
  socket.close();
  selector.unregister(socket);
  peer.send("x");
  return fd;
}

describe.each(different)("%s", (_, Kind) => {
  test("does not find what was closed and unregistered", async () => {
    const selector = make(Kind);
    leaveBehind(selector);
    expect(selector.select(5)).toEqual([]);
    expect(await selector.selectAsync({ timeout: 5 })).toEqual([]);
  });

  test("does not take it for the next file with its number", async () => {
    const selector = make(Kind);
    const fd = leaveBehind(selector);
    const [next, peer] = pair();
    expect(next.fileno()).toBe(fd);
    const key = selector.register(next, EVENT_READ | EVENT_WRITE);
    expect(selector.select()).toEqual([[key, EVENT_WRITE]]);
    peer.send("y");
    expect(await selector.selectAsync()).toEqual([[key, EVENT_READ | EVENT_WRITE]]);
  });

  test("does not take it for the next file with its number, during a wait on the event loop", async () => {
    const selector = makeCounting(Kind);
    const [socket, peer] = outliving();
    selector.register(socket, EVENT_READ);
    const waiting = begun(selector.selectAsync());
    await turns(3);
    const fd = socket.fileno();
    socket.close();
    selector.unregister(socket);
    const [next, itsPeer] = pair();
    expect(next.fileno()).toBe(fd);
    const key = selector.register(next, EVENT_READ);
    peer.send("x");
    await turns(5);
    expect(await looksMeanwhile(selector)).toBe(0);
    itsPeer.send("y");
    expect(await waiting).toEqual([[key, EVENT_READ]]);
  });

  test("sleeps on the event loop although it goes on to be reported", async () => {
    const selector = makeCounting(Kind);
    const [idle, peer] = pair();
    const key = selector.register(idle, EVENT_READ);
    const waiting = begun(selector.selectAsync());
    await turns(3);
    for (let i = 0; i < 3; i++) {
      leaveBehind(selector);
      await turns(5);
      expect(await looksMeanwhile(selector)).toBe(0);
    }
    peer.send("y");
    expect(await waiting).toEqual([[key, EVENT_READ]]);
  });

  test("sleeps when it was left behind before the wait began", async () => {
    const selector = makeCounting(Kind);
    const [idle, peer] = pair();
    const key = selector.register(idle, EVENT_READ);
    await selector.selectAsync({ timeout: 1 });
    leaveBehind(selector);
    const waiting = begun(selector.selectAsync());
    await turns(5);
    expect(await looksMeanwhile(selector)).toBe(0);
    peer.send("y");
    expect(await waiting).toEqual([[key, EVENT_READ]]);
  });

  test("stays what it is for a selector that it is registered with", async () => {
    const [inner, outer] = [make(Kind), makeCounting(EpollSelector as Kind)];
    const [idle, peer] = pair();
    const ready = [[inner.register(idle, EVENT_READ), EVENT_READ]];
    const fd = inner.fileno();
    const woken = [[outer.register(inner, EVENT_READ), EVENT_READ]];
    for (let i = 0; i < 3; i++) {
      leaveBehind(inner);
      expect(outer.select()).toEqual(woken);
      expect(inner.select(0)).toEqual([]);
      expect([outer.select(0), inner.fileno()]).toEqual([[], fd]);
    }
    const waiting = begun(outer.selectAsync());
    await turns(3);
    expect(await looksMeanwhile(outer)).toBe(0);
    peer.send("y");
    expect(await waiting).toEqual(woken);
    expect(inner.select()).toEqual(ready);
    expect(outer.unregister(inner).fd).toBe(fd);
  });

  test("still knows everything else afterwards", async () => {
    const selector = make(Kind);
    const sockets = Array.from({ length: 5 }, pair);
    for (const [i, [socket]] of sockets.entries()) selector.register(socket, EVENT_READ, i);
    leaveBehind(selector);
    for (const [, peer] of sockets) peer.send("y");
    const found = () => selector.select().map(([{ data }, events]) => [data, events]);
    const expected = sockets.map((_, i) => [i, EVENT_READ]);
    expect(found()).toEqual(expected);
    expect((await selector.selectAsync()).map(([{ data }]) => data)).toEqual(expected.map(([data]) => data));
    selector.modify(sockets[0]![0], EVENT_READ | EVENT_WRITE, 0);
    selector.unregister(sockets[1]![0]);
    expected[0] = [0, EVENT_READ | EVENT_WRITE];
    expected.splice(1, 1);
    expect(found()).toEqual(expected);
  });
});

test("epoll does not begin again with what is another's number by then", async () => {
  const selector = makeCounting(EpollSelector as Kind);
  const [gone] = pair();
  const [idle, peer] = pair();
  const [key, goneKey] = [selector.register(idle, EVENT_READ), selector.register(gone, EVENT_READ)];
  const waiting = begun(selector.selectAsync());
  leaveBehind(selector);
  gone.close();
  const [next, itsPeer] = pair();
  expect(next.fileno()).toBe(goneKey.fd);
  itsPeer.send("x");
  await turns(5);
  expect(await looksMeanwhile(selector)).toBe(0);
  peer.send("y");
  expect(await waiting).toEqual([[key, EVENT_READ]]);
  expect(selector.unregister(gone)).toBe(goneKey);
});

test("epoll finds what was closed but not unregistered, as long as it is open elsewhere", () => {
  const selector = make(EpollSelector);
  const [socket, peer] = outliving();
  const key = selector.register(socket, EVENT_READ);
  socket.close();
  peer.send("x");
  expect(selector.select()).toEqual([[key, EVENT_READ]]);
  expect(selector.unregister(socket)).toBe(key);
  expect(selector.select(0)).toEqual([]);
});

test("epoll waits only for the rest of the time once it has begun again", () => {
  const selector = makeCounting(EpollSelector as Kind);
  leaveBehind(selector);
  expect(selector.select(20)).toEqual([]);
  const [whole, rest] = selector.looks;
  expect([whole, selector.looks.length]).toEqual([20, 2]);
  expect(rest).toBeLessThan(20);
  expect(rest).toBeGreaterThan(0);
});
