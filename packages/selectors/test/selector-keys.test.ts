/** Keys and the map of them. */
import { inspect } from "node:util";
import { Pipe } from "@cordage/ipc";
import { EVENT_READ, EVENT_WRITE, type Selector, type Socket } from "@cordage/selectors";
import { describe, expect, test } from "@jest/globals";
import { different, make, pair, withReader } from "./support/selectors.js";

const BOTH = EVENT_READ | EVENT_WRITE;

describe.each(different)("%s", (name, Kind) => {
  test("keeps a key that modify does not change", () => {
    const selector = make(Kind);
    const [reader] = pair();
    for (const data of [undefined, Number.NaN, "text", { a: 1 }]) {
      const key = selector.register(reader, EVENT_READ, data);
      expect(selector.modify(reader, EVENT_READ, data)).toBe(key);
      expect(selector.getKey(reader)).toBe(key);
      selector.unregister(reader);
    }
  });

  test("makes another key for data that only looks the same, and for none", () => {
    const selector = make(Kind);
    const [reader] = pair();
    const key = selector.register(reader, EVENT_READ, { a: 1 });
    const equal = selector.modify(reader, EVENT_READ, { a: 1 });
    expect(equal).toEqual(key);
    expect(equal).not.toBe(key);
    expect(selector.modify(reader, EVENT_READ).data).toBeUndefined();
  });

  test("keeps the object with which a descriptor was registered", () => {
    const { selector, reader, writer } = withReader(Kind);
    expect(selector.modify(reader.fileno(), BOTH).fileobj).toBe(reader);
    writer.send("x");
    expect(selector.select()[0]![0].fileobj).toBe(reader);
    expect(selector.unregister({ fileno: () => reader.fileno() }).fileobj).toBe(reader);
  });

  test("lists what is registered in its order, as it is at the moment", () => {
    const selector = make(Kind) as Selector<number, Socket>;
    const sockets = Array.from({ length: 4 }, () => pair()[0]);
    const map = selector.getMap();
    expect(selector.getMap()).toBe(map);
    for (const [i, socket] of sockets.entries()) selector.register(socket, EVENT_READ, i);
    selector.modify(sockets[0]!, BOTH, 10);
    expect([...map.values()].map(({ data }) => data)).toEqual([10, 1, 2, 3]);
    expect([...map.keys()]).toEqual(sockets.map((socket) => socket.fileno()));
    for (const [fd, key] of map.entries()) {
      expect(selector.unregister(fd)).toBe(key);
      expect(map.has(key.fileobj)).toBe(false);
    }
    expect([map.size, [...map]]).toEqual([0, []]);
  });

  test("knows a closed connection, whose fileno() throws, by its identity", () => {
    const selector = make(Kind);
    const ends = Pipe();
    const keys = ends.map((end) => selector.register(end, EVENT_READ));
    for (const end of ends) end.close();
    expect(ends.map((end) => selector.getMap().get(end))).toEqual(keys);
    expect(ends.map((end) => selector.unregister(end))).toEqual(keys);
  });

  test("shows how much it holds", () => {
    const { selector, reader } = withReader(Kind);
    expect(inspect(selector)).toBe(`<${name}(1 registered)>`);
    expect(inspect(selector.getMap())).toMatch(new RegExp(`^SelectorMap Map\\(1\\) {\\s+${reader.fileno()} => `));
    selector.close();
    expect(inspect(selector)).toBe(`<${name}(closed)>`);
  });
});
