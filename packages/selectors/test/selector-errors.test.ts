/** What selectors refuse, and in which words. */
import { closeSync, openSync } from "node:fs";
import net from "node:net";
import { CordageError } from "@cordage/ipc";
import {
  EpollSelector,
  EVENT_READ,
  EVENT_WRITE,
  KeyError,
  KqueueSelector,
  Selector,
  SelectorError,
  SelectSelector,
} from "@cordage/selectors";
import { failureOf, thrownBy } from "@cordage/test-support";
import { describe, expect, test } from "@jest/globals";
import { atEnd, kinds, make, pair, withReader } from "./support/selectors.js";

const shown = ({ name, code, message }: any): string => `${name} ${code}: ${message}`;
const refusal = (call: () => unknown): string => shown(thrownBy(call));

describe.each(kinds)("%s", (_, Kind) => {
  test.each([
    [0, "RangeError ERR_OUT_OF_RANGE", "EVENT_READ, EVENT_WRITE or both added up, received 0"],
    [4, "RangeError ERR_OUT_OF_RANGE", "EVENT_READ, EVENT_WRITE or both added up, received 4"],
    [1.5, "RangeError ERR_OUT_OF_RANGE", "EVENT_READ, EVENT_WRITE or both added up, received 1.5"],
    [Number.NaN, "RangeError ERR_OUT_OF_RANGE", "EVENT_READ, EVENT_WRITE or both added up, received NaN"],
    ["1", "TypeError ERR_INVALID_ARG_TYPE", "EVENT_READ, EVENT_WRITE or both, received '1'"],
    [undefined, "TypeError ERR_INVALID_ARG_TYPE", "EVENT_READ, EVENT_WRITE or both, received undefined"],
    [1n, "TypeError ERR_INVALID_ARG_TYPE", "EVENT_READ, EVENT_WRITE or both, received 1n"],
  ])("refuses %p as events, and leaves the registration as it was", (events, error, reason) => {
    const { selector, reader, writer } = withReader(Kind);
    const key = selector.getKey(reader);
    expect(refusal(() => selector.register(writer, events as never))).toBe(
      `${error}: cannot register with the selector: events must be ${reason}`,
    );
    expect(refusal(() => selector.modify(reader, events as never))).toBe(
      `${error}: cannot modify a registration: events must be ${reason}`,
    );
    expect([...selector.getMap().values()]).toEqual([key]);
  });

  const NUMBER = "a descriptor is a whole number from 0";
  const FILENO = "fileno() gave no descriptor: is it closed?";
  const TYPE = "expected a descriptor's number or an object with fileno()";
  test.each([
    [-1, "RangeError ERR_OUT_OF_RANGE", `${NUMBER}, received -1`],
    [2.5, "RangeError ERR_OUT_OF_RANGE", `${NUMBER}, received 2.5`],
    [Number.NaN, "RangeError ERR_OUT_OF_RANGE", `${NUMBER}, received NaN`],
    [2 ** 31, "RangeError ERR_OUT_OF_RANGE", `${NUMBER}, received 2147483648`],
    [{ fileno: () => -1 }, "RangeError ERR_OUT_OF_RANGE", `${FILENO}, received -1`],
    [{ fileno: () => "7" }, "RangeError ERR_OUT_OF_RANGE", `${FILENO}, received '7'`],
    [{ fileno: () => undefined }, "RangeError ERR_OUT_OF_RANGE", `${FILENO}, received undefined`],
    ["7", "TypeError ERR_INVALID_ARG_TYPE", `${TYPE}, received '7'`],
    [null, "TypeError ERR_INVALID_ARG_TYPE", `${TYPE}, received null`],
    [undefined, "TypeError ERR_INVALID_ARG_TYPE", `${TYPE}, received undefined`],
    [{}, "TypeError ERR_INVALID_ARG_TYPE", `${TYPE}, received {}`],
    [{ fileno: 7 }, "TypeError ERR_INVALID_ARG_TYPE", `${TYPE}, received { fileno: 7 }`],
    [{ fd: 7 }, "TypeError ERR_INVALID_ARG_TYPE", `${TYPE}; register its fd, received { fd: 7 }`],
    [
      new net.Socket(),
      "TypeError ERR_INVALID_ARG_TYPE",
      `${TYPE}; Node reads a socket of node:net by itself, use the Socket of this package, received [Socket]`,
    ],
  ])("refuses %p as what is registered", (fileobj, error, reason) => {
    const selector = make(Kind);
    const expected = (doing: string): string => `${error}: cannot ${doing}: ${reason}`;
    expect(refusal(() => selector.register(fileobj as never, EVENT_READ))).toBe(expected("register with the selector"));
    expect(refusal(() => selector.unregister(fileobj as never))).toBe(expected("unregister from the selector"));
    expect(refusal(() => selector.modify(fileobj as never, EVENT_READ))).toBe(expected("modify a registration"));
    expect(refusal(() => selector.getKey(fileobj as never))).toBe(expected("get a key"));
    expect(selector.getMap().get(fileobj as never)).toBeUndefined();
    expect(selector.getMap().size).toBe(0);
  });

  test("passes on what fileno() throws", () => {
    const broken = {
      fileno(): number {
        throw new Error("broken");
      },
    };
    expect(() => make(Kind).register(broken, EVENT_READ)).toThrow("broken");
  });

  test("says that a descriptor is registered, and when that is a closed object's", () => {
    const { selector, reader } = withReader(Kind);
    const fd = reader.fileno();
    const message = `KeyError ERR_ALREADY_REGISTERED: cannot register with the selector: descriptor ${fd} is registered already`;
    expect(refusal(() => selector.register(fd, EVENT_WRITE))).toBe(message);
    reader.close();
    const [next] = pair();
    expect(next.fileno()).toBe(fd);
    expect(refusal(() => selector.register(next, EVENT_READ))).toBe(
      `${message}, for an object that was closed meanwhile: unregister before you close`,
    );
    selector.unregister(reader);
    expect(selector.register(next, EVENT_WRITE).fileobj).toBe(next);
  });

  test("says that a descriptor is not registered", () => {
    const selector = make(Kind);
    const fd = pair()[0].fileno();
    const expected = (doing: string): string =>
      `KeyError ERR_NOT_REGISTERED: cannot ${doing}: descriptor ${fd} is not registered`;
    expect(refusal(() => selector.unregister(fd))).toBe(expected("unregister from the selector"));
    expect(refusal(() => selector.modify(fd, EVENT_READ))).toBe(expected("modify a registration"));
    expect(refusal(() => selector.getKey(fd))).toBe(expected("get a key"));
  });

  test("refuses every use after close, but shows an empty map", async () => {
    const { selector, reader } = withReader(Kind);
    const map = selector.getMap();
    selector.close();
    const expected = (doing: string): string => `SelectorError ERR_CLOSED: cannot ${doing}: the selector is closed`;
    expect(refusal(() => selector.register(reader, EVENT_READ))).toBe(expected("register with the selector"));
    expect(refusal(() => selector.unregister(reader))).toBe(expected("unregister from the selector"));
    expect(refusal(() => selector.modify(reader, EVENT_READ))).toBe(expected("modify a registration"));
    expect(refusal(() => selector.getKey(reader))).toBe(expected("get a key"));
    expect(refusal(() => selector.select(0))).toBe(expected("select"));
    expect(refusal(() => selector.fileno())).toBe(expected("give the descriptor's number"));
    expect(shown(await failureOf(selector.selectAsync()))).toBe(expected("select"));
    for await (const _ of selector) throw new Error("found something");
    expect([map.size, selector.getMap()]).toEqual([0, map]);
  });

  test("refuses a timeout that is no number", async () => {
    const selector = make(Kind);
    const type = "TypeError ERR_INVALID_ARG_TYPE: cannot select: timeout must be a number of milliseconds, received";
    const range = "RangeError ERR_OUT_OF_RANGE: cannot select: timeout must be a number of milliseconds, received NaN";
    const options = "TypeError ERR_INVALID_ARG_TYPE: cannot select: options must be an object like { timeout: 100 }";
    expect(refusal(() => selector.select("1" as never))).toBe(`${type} '1'`);
    expect(refusal(() => selector.select({ timeout: 5 } as never))).toBe(`${type} { timeout: 5 }`);
    expect(refusal(() => selector.select(Number.NaN))).toBe(range);
    expect(shown(await failureOf(selector.selectAsync({ timeout: "1" as never })))).toBe(`${type} '1'`);
    expect(shown(await failureOf(selector.selectAsync({ timeout: Number.NaN })))).toBe(range);
    expect(shown(await failureOf(selector.selectAsync(5 as never)))).toBe(`${options} (milliseconds), received 5`);
  });

  test.each([undefined, null, Number.POSITIVE_INFINITY])("refuses to block for ever for nothing: %p", (timeout) => {
    expect(refusal(() => make(Kind).select(timeout))).toBe(
      "SelectorError ERR_NOTHING_REGISTERED: cannot select: nothing is registered and there is no timeout: " +
        "it would block the thread for ever",
    );
  });
});

test("EpollSelector says why it refuses a plain file", () => {
  const fd = openSync(new URL(import.meta.url), "r");
  atEnd(() => closeSync(fd));
  const error = thrownBy(() => make(EpollSelector).register(fd, EVENT_READ));
  expect(error).toMatchObject({ name: "SystemError", code: "EPERM", errno: -1, syscall: "epoll_ctl" });
  expect(error.message).toBe(
    `cannot register descriptor ${fd}: epoll_ctl failed with EPERM (what is always ready, such as a plain file, ` +
      "is nothing to wait for; PollSelector and SelectSelector take it)",
  );
});

test("EpollSelector says which descriptor is not open", () => {
  const selector = make(EpollSelector);
  const fd = pair()[0].detach();
  closeSync(fd);
  const error = thrownBy(() => selector.register(fd, EVENT_READ));
  expect(error).toMatchObject({ code: "EBADF", syscall: "epoll_ctl" });
  expect(error.message).toBe(`cannot register descriptor ${fd}: epoll_ctl failed with EBADF`);
});

test("EpollSelector does not wait for itself", () => {
  const selector = make(EpollSelector);
  expect(thrownBy(() => selector.register(selector, EVENT_READ))).toMatchObject({
    code: "ELOOP",
    syscall: "epoll_ctl",
  });
  expect(selector.getMap().size).toBe(0);
});

test("SelectSelector refuses a descriptor from 1024 on when it is registered", () => {
  const selector = make(SelectSelector);
  for (const fd of [1024, 5000])
    expect(refusal(() => selector.register(fd, EVENT_READ))).toBe(
      "RangeError ERR_OUT_OF_RANGE: cannot register with the selector: select(2) takes descriptors below 1024; " +
        `use an EpollSelector or a PollSelector, received ${fd}`,
    );
  expect(selector.register(1023, EVENT_READ).fd).toBe(1023);
});

test("SelectSelector says which descriptors were closed", async () => {
  const selector = make(SelectSelector);
  const [open, ...closed] = [pair()[0].detach(), ...pair().map((socket) => socket.detach())];
  for (const fd of [open!, ...closed]) selector.register(fd, EVENT_READ);
  atEnd(() => closeSync(open!));
  closed.forEach(closeSync);
  const message = `cannot select: select failed with EBADF (closed, but not unregistered: descriptor ${closed.join(", ")})`;
  for (const error of [thrownBy(() => selector.select()), await failureOf(selector.selectAsync())]) {
    expect(error).toMatchObject({ name: "SystemError", code: "EBADF", syscall: "select" });
    expect(error.message).toBe(message);
  }
  for (const fd of closed) selector.unregister(fd);
  expect(selector.select(0)).toEqual([]);
});

test("KqueueSelector says what to use instead", () => {
  expect(refusal(() => new KqueueSelector())).toBe(
    "SelectorError ERR_UNSUPPORTED_PLATFORM: cannot make a KqueueSelector: kqueue is of macOS and the BSDs, " +
      "on Linux use DefaultSelector, received linux",
  );
});

test("errors are of one family, selectors of one class", () => {
  expect(KeyError.prototype).toBeInstanceOf(SelectorError);
  expect(SelectorError.prototype).toBeInstanceOf(CordageError);
  for (const [, Kind] of kinds) expect(make(Kind)).toBeInstanceOf(Selector);
});
