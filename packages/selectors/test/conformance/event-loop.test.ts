/** asyncio's event loop on a selector, by the one of examples/: BaseSelectorEventLoopTests of CPython's test_selector_events. */
import { EVENT_READ, EVENT_WRITE, type Selector, type Socket } from "@cordage/selectors";
import { beforeEach, describe, expect, jest, test } from "@jest/globals";
import { EventLoop } from "../../examples/event-loop.mjs";
import { atEnd, pair } from "../support/selectors.js";

const BOTH = EVENT_READ | EVENT_WRITE;
const ignore = (): void => {};

let loop: InstanceType<typeof EventLoop>;
let socket: Socket;
let peer: Socket;
/** The names of those calls that changed a registration. */
let calls: string[];

beforeEach(() => {
  loop = new EventLoop();
  const { selector } = loop;
  atEnd(() => selector.close());
  [socket, peer] = pair();
  calls = [];
  for (const name of ["register", "modify", "unregister"] as const) record(selector, name);
});

function record(selector: Selector, name: "register" | "modify" | "unregister"): void {
  const original = selector[name].bind(selector) as (...args: unknown[]) => unknown;
  selector[name] = jest.fn((...args: unknown[]) => {
    calls.push(name);
    return original(...args);
  }) as never;
}

const registered = (): [number, unknown] | undefined => {
  const key = loop.selector.getMap().get(socket);
  return key && [key.events, key.data];
};

describe.each([
  ["reader", EVENT_READ, "writer", EVENT_WRITE],
  ["writer", EVENT_WRITE, "reader", EVENT_READ],
] as const)("a %s", (role, event, other, otherEvent) => {
  const add = (which: string, callback = ignore) =>
    which === "reader" ? loop.addReader(socket, callback) : loop.addWriter(socket, callback);
  const remove = (which: string) => (which === "reader" ? loop.removeReader(socket) : loop.removeWriter(socket));

  // 24 BaseSelectorEventLoopTests.test_add_reader, 30 BaseSelectorEventLoopTests.test_add_writer
  test("the first one registers its socket, with its handle", () => {
    const handle = add(role);
    expect([calls, registered()]).toEqual([["register"], [event, { [role]: handle }]]);
  });

  // 25 BaseSelectorEventLoopTests.test_add_reader_existing, 31 BaseSelectorEventLoopTests.test_add_writer_existing
  test("the next one cancels the one before, and modifies the registration", () => {
    const kept = add(other);
    const before = add(role);
    calls.length = 0;
    const handle = add(role);
    expect([before.cancelled, handle.cancelled, kept.cancelled]).toEqual([true, false, false]);
    expect([calls, registered()]).toEqual([["modify"], [BOTH, { [role]: handle, [other]: kept }]]);
  });

  // 26 BaseSelectorEventLoopTests.test_add_reader_existing_writer, BaseSelectorEventLoopTests.test_add_writer_existing_reader
  test("one beside the other kind modifies the registration", () => {
    const kept = add(other);
    const handle = add(role);
    expect([calls, kept.cancelled]).toEqual([["register", "modify"], false]);
    expect(registered()).toEqual([BOTH, { [role]: handle, [other]: kept }]);
  });

  // 27 BaseSelectorEventLoopTests.test_remove_reader, 32 BaseSelectorEventLoopTests.test_remove_writer
  test("to remove the only one unregisters; false where there is none", () => {
    const handle = add(role);
    expect(remove(other)).toBe(false);
    expect(remove(role)).toBe(true);
    expect([calls, registered(), handle.cancelled]).toEqual([["register", "unregister"], undefined, true]);
  });

  // BaseSelectorEventLoopTests.test_remove_reader_read_write, BaseSelectorEventLoopTests.test_remove_writer_read_write
  test("to remove one of both kinds modifies the registration", () => {
    const kept = add(other);
    add(role);
    calls.length = 0;
    expect(remove(role)).toBe(true);
    expect([calls, registered()]).toEqual([["modify"], [otherEvent, { [other]: kept }]]);
    expect(kept.cancelled).toBe(false);
  });

  // 29 BaseSelectorEventLoopTests.test_remove_reader_unknown, 34 BaseSelectorEventLoopTests.test_remove_writer_unknown
  test("to remove from a socket that is unknown is no error", () => {
    expect([remove(role), calls]).toEqual([false, []]);
  });

  // 35 BaseSelectorEventLoopTests.test_process_events_read, 37 BaseSelectorEventLoopTests.test_process_events_write
  test("what is ready queues its handle", () => {
    peer.send("x");
    const handle = add(role);
    loop.process(loop.selector.select());
    expect(loop.ready).toEqual([handle]);
  });

  // 36 BaseSelectorEventLoopTests.test_process_events_read_cancelled
  // BaseSelectorEventLoopTests.test_process_events_write_cancelled
  test("a cancelled one is removed instead of run", () => {
    peer.send("x");
    add(role).cancel();
    loop.process(loop.selector.select());
    expect([loop.ready, registered()]).toEqual([[], undefined]);
  });

  test("one that is cancelled by a callback of the same turn is not run", () => {
    peer.send("x");
    const ran: string[] = [];
    const handles = [role, other].map((which) =>
      add(which, () => {
        ran.push(which);
        for (const handle of handles) handle.cancel();
      }),
    );
    loop.run();
    expect(ran).toHaveLength(1);
  });
});
