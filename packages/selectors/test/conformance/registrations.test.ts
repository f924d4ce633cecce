/** What is registered with a selector: the part of CPython's BaseSelectorTestCase that does not wait. */
import { closeSync, openSync } from "node:fs";
import {
  EpollSelector,
  EVENT_READ,
  EVENT_WRITE,
  type FileObject,
  KeyError,
  PollSelector,
  type Selector,
  SelectorKey,
  SelectSelector,
} from "@cordage/selectors";
import { thrownBy } from "@cordage/test-support";
import { describe, expect, test } from "@jest/globals";
import { atEnd, coded, kinds, make, pair } from "../support/selectors.js";

const BOTH = EVENT_READ | EVENT_WRITE;
const NOBODY = 999_999;

describe.each(kinds)("with %s", (_, Kind) => {
  // 1 BaseSelectorTestCase.test_register
  test("register gives a key, and refuses what makes no sense or is there already", () => {
    const selector = make(Kind);
    const [reader, writer] = pair();
    const key = selector.register(reader, EVENT_READ, "data");
    expect(key).toBeInstanceOf(SelectorKey);
    expect({ ...key }).toEqual({ fileobj: reader, fd: reader.fileno(), events: EVENT_READ, data: "data" });
    expect(() => selector.register(writer, 999_999)).toThrow(coded("ERR_OUT_OF_RANGE"));
    expect(() => selector.register(-10, EVENT_READ)).toThrow(RangeError);
    for (const again of [reader, reader.fileno()]) {
      const error = thrownBy(() => selector.register(again, EVENT_READ));
      expect(error).toBeInstanceOf(KeyError);
      expect(error.code).toBe("ERR_ALREADY_REGISTERED");
    }
    expect([...selector.getMap().values()]).toEqual([key]);
  });

  // 2 BaseSelectorTestCase.test_unregister, TestPollRead.test_unregister_never_registered
  test("unregister gives the key back; once", () => {
    const selector = make(Kind);
    const [reader] = pair();
    const key = selector.register(reader, EVENT_READ);
    expect(selector.unregister(reader)).toBe(key);
    for (const gone of [NOBODY, reader]) {
      const error = thrownBy(() => selector.unregister(gone));
      expect(error).toBeInstanceOf(KeyError);
      expect(error.code).toBe("ERR_NOT_REGISTERED");
    }
  });

  // BaseSelectorTestCase.test_unregister_after_fd_close
  test("a descriptor's number is unregistered after the descriptor was closed", () => {
    const selector = make(Kind);
    const numbers = pair().map((socket) => socket.detach());
    for (const number of numbers) selector.register(number, BOTH);
    numbers.forEach(closeSync);
    for (const number of numbers) expect(selector.unregister(number).fd).toBe(number);
    expect(selector.getMap().size).toBe(0);
  });

  // 4 BaseSelectorTestCase.test_unregister_after_fd_close_and_reuse
  test("a descriptor's number is unregistered after it has become another's", () => {
    const selector = make(Kind);
    const numbers = pair().map((socket) => socket.detach());
    for (const number of numbers) selector.register(number, BOTH);
    numbers.forEach(closeSync);
    const others = pair().map((socket) => socket.fileno());
    expect(others).toEqual(numbers);
    for (const number of numbers) expect(selector.unregister(number).fd).toBe(number);
    for (const number of numbers) selector.register(number, EVENT_WRITE);
    expect(selector.select(0)).toHaveLength(2);
  });

  // 5 BaseSelectorTestCase.test_unregister_after_socket_close
  test("a socket is unregistered after it was closed, although its descriptor is -1 by then", () => {
    const selector = make(Kind);
    const sockets = pair();
    const keys = sockets.map((socket) => selector.register(socket, BOTH));
    for (const socket of sockets) socket.close();
    expect(sockets.map((socket) => selector.getKey(socket))).toEqual(keys);
    expect(sockets.map((socket) => selector.unregister(socket))).toEqual(keys);
    expect(selector.getMap().size).toBe(0);
  });

  // 6 BaseSelectorTestCase.test_modify
  test("modify gives another key, for other events and for other data", () => {
    const selector = make(Kind);
    const [reader] = pair();
    const [one, other] = [{}, {}];
    const key = selector.register(reader, EVENT_READ, one);
    const written = selector.modify(reader, EVENT_WRITE, one);
    expect([written.events, written.data]).toEqual([EVENT_WRITE, one]);
    expect(written).not.toBe(key);
    expect(selector.getKey(reader)).toBe(written);
    const replaced = selector.modify(reader, EVENT_WRITE, other);
    expect([replaced.events, replaced.data === other]).toEqual([EVENT_WRITE, true]);
    expect(selector.getKey(reader)).toBe(replaced);
    expect([key.events, key.data === one]).toEqual([EVENT_READ, true]);
    expect(() => selector.modify(NOBODY, EVENT_READ)).toThrow(coded("ERR_NOT_REGISTERED"));
  });

  // 6 BaseSelectorTestCase.test_modify: the shortcut
  test("modify tells the system nothing where only the data changes", () => {
    const told: string[] = [];
    class Told<D, F extends FileObject> extends (Kind as typeof EpollSelector)<D, F> {
      protected override added(key: SelectorKey<F, D>): void {
        told.push("added");
        super.added(key);
      }
      protected override changed(key: SelectorKey<F, D>): void {
        told.push("changed");
        super.changed(key);
      }
      protected override removed(key: SelectorKey<F, D>): void {
        told.push("removed");
        super.removed(key);
      }
    }
    const selector = make(Told);
    const [reader] = pair();
    selector.register(reader, EVENT_READ, 1);
    selector.modify(reader, EVENT_READ, 2);
    selector.modify(reader, EVENT_READ);
    expect(told).toEqual(["added"]);
    selector.modify(reader, BOTH);
    expect(told).toEqual(["added", "changed"]);
  });

  // 7 BaseSelectorTestCase.test_modify_unregister
  test("a registration is gone when modify fails in the system", () => {
    class Failing<D, F extends FileObject> extends (Kind as typeof EpollSelector)<D, F> {
      protected override changed(): void {
        throw new Error("the system refuses");
      }
    }
    const selector = make(Failing);
    const [reader, writer] = pair();
    selector.register(reader, EVENT_READ);
    selector.register(writer, EVENT_WRITE);
    expect(() => selector.modify(reader, BOTH)).toThrow("the system refuses");
    expect([...selector.getMap().keys()]).toEqual([writer.fileno()]);
    selector.register(reader, BOTH);
    expect(selector.select()).toHaveLength(2);
  });

  // BaseSelectorTestCase.test_close
  test("close empties the map, and what is asked afterwards is refused; closing twice is nothing", () => {
    const selector = make(Kind);
    const map = selector.getMap();
    const sockets = pair();
    for (const socket of sockets) selector.register(socket, BOTH);
    expect([selector.closed, map.size]).toEqual([false, 2]);
    selector.close();
    selector.close();
    expect([selector.closed, map.size, [...map]]).toEqual([true, 0, []]);
    for (const socket of sockets) {
      expect(() => selector.getKey(socket)).toThrow(coded("ERR_CLOSED"));
      expect([map.get(socket), map.has(socket), socket.closed]).toEqual([undefined, false, false]);
    }
  });

  // BaseSelectorTestCase.test_context_manager
  test("using and await using close a selector", async () => {
    const sockets = pair();
    const ended: Selector[] = [];
    {
      using one = new Kind();
      await using other = new Kind();
      ended.push(one, other);
      for (const selector of ended) for (const socket of sockets) selector.register(socket, EVENT_READ);
    }
    for (const selector of ended) expect(() => selector.getKey(sockets[0])).toThrow(coded("ERR_CLOSED"));
  });

  // 9 BaseSelectorTestCase.test_get_key
  test("getKey finds what register has given", () => {
    const selector = make(Kind);
    const [reader] = pair();
    const key = selector.register(reader, EVENT_READ, "data");
    expect(selector.getKey(reader)).toBe(key);
    expect(selector.getKey(reader.fileno())).toBe(key);
    expect(() => selector.getKey(NOBODY)).toThrow(coded("ERR_NOT_REGISTERED"));
  });

  // 10 BaseSelectorTestCase.test_get_map
  test("getMap is a live view that cannot be changed", () => {
    const selector = make(Kind);
    const [reader] = pair();
    const map = selector.getMap();
    expect([map.size, [...map.keys()], map.get(reader) ?? "default"]).toEqual([0, [], "default"]);
    const key = selector.register(reader, EVENT_READ, "data");
    expect([map.has(reader), map.has(reader.fileno()), map.size]).toEqual([true, true, 1]);
    expect([map.get(reader), map.get(reader.fileno())]).toEqual([key, key]);
    expect([...map.keys()]).toEqual([reader.fileno()]);
    expect([...map.values()]).toEqual([key]);
    expect([...map]).toEqual([[reader.fileno(), key]]);
    expect(map.get(NOBODY)).toBeUndefined();
    for (const change of ["set", "delete", "clear"]) expect(map).not.toHaveProperty(change);
    selector.unregister(reader);
    expect([map.size, map.has(reader)]).toEqual([0, false]);
  });

  // 14 BaseSelectorTestCase.test_fileno
  test("a selector has a descriptor, which can be read when something is ready", () => {
    const selector = make(Kind);
    const [reader, writer] = pair();
    selector.register(reader, EVENT_READ);
    const outer = make(Kind);
    outer.register(selector, EVENT_READ);
    expect(selector.fileno()).toBeGreaterThanOrEqual(0);
    expect(outer.select(0)).toEqual([]);
    writer.send("x");
    expect(outer.select()).toEqual([[outer.getKey(selector), EVENT_READ]]);
  });

  // 22 KqueueSelectorTestCase.test_register_bad_fd, 62 TestSelectRead.test_errno, 64 TestPollRead.test_poll_invalid
  test("a descriptor that is not open is refused, or ready, as the system has it", () => {
    const selector = make(Kind);
    const fd = pair()[0].detach();
    closeSync(fd);
    if (selector instanceof EpollSelector) {
      expect(() => selector.register(fd, EVENT_READ)).toThrow(coded("EBADF"));
      expect(() => selector.getKey(fd)).toThrow(coded("ERR_NOT_REGISTERED"));
    } else {
      const key = selector.register(fd, EVENT_READ);
      if (selector instanceof PollSelector) expect(selector.select()).toEqual([[key, EVENT_READ]]);
      else expect(() => selector.select()).toThrow(coded("EBADF"));
    }
  });

  // 47 TestPossibleCrashes(selectors).test_closing_fd_before_selecting
  // 70 TestPossibleCrashes(select).test_closing_fd_before_selecting
  test("a socket that is closed already is refused", () => {
    const selector = make(Kind);
    const [reader] = pair();
    reader.close();
    const error = thrownBy(() => selector.register(reader, EVENT_READ));
    expect(error).toBeInstanceOf(RangeError);
    expect([error.code, error.message]).toEqual([
      "ERR_OUT_OF_RANGE",
      "cannot register with the selector: fileno() gave no descriptor: is it closed?, received -1",
    ]);
    expect(selector.getMap().size).toBe(0);
  });

  // 65 TestSelectTypes.test_int, 66 TestSelectTypes.test_iterable
  test("numbers of descriptors are registered as objects are, from whatever gives them", () => {
    const selector = make(Kind);
    const sockets = new Set(pair());
    for (const socket of sockets) selector.register(socket.fileno(), EVENT_WRITE);
    const numbers = [...sockets].map((socket) => socket.fileno());
    expect(selector.select().map(([key]) => key.fileobj)).toEqual(numbers);
  });

  // 67 TestSelectTypes.test_string
  test("a string is no descriptor", () => {
    const selector = make(Kind);
    const error = thrownBy(() => selector.register("hello" as never, EVENT_READ));
    expect(error).toBeInstanceOf(TypeError);
    expect(error.code).toBe("ERR_INVALID_ARG_TYPE");
  });
});

// 7 BaseSelectorTestCase.test_modify_unregister: in earnest
test("a registration is gone when epoll refuses to modify it", () => {
  const selector = make(EpollSelector);
  const fd = pair()[0].detach();
  selector.register(fd, EVENT_READ);
  closeSync(fd);
  const error = thrownBy(() => selector.modify(fd, EVENT_WRITE));
  expect([error.code, error.syscall]).toEqual(["EBADF", "epoll_ctl"]);
  expect(error.message).toBe(`cannot modify the registration of descriptor ${fd}: epoll_ctl failed with EBADF`);
  expect(selector.getMap().size).toBe(0);
});

// 21 EpollSelectorTestCase.test_register_file
test("epoll refuses a plain file, and keeps no key of it; for the others it is always ready", async () => {
  const fd = openSync(new URL(import.meta.url), "r");
  atEnd(() => closeSync(fd));
  const refusing = make(EpollSelector);
  const error = thrownBy(() => refusing.register(fd, EVENT_READ));
  expect([error.code, error.syscall, error.errno]).toEqual(["EPERM", "epoll_ctl", -1]);
  expect(() => refusing.getKey(fd)).toThrow(coded("ERR_NOT_REGISTERED"));
  for (const Kind of [PollSelector, SelectSelector]) {
    const selector = make(Kind);
    const key = selector.register(fd, EVENT_READ | EVENT_WRITE);
    expect(selector.select()).toEqual([[key, EVENT_READ | EVENT_WRITE]]);
    expect(await selector.selectAsync()).toEqual([[key, EVENT_READ | EVENT_WRITE]]);
  }
});
