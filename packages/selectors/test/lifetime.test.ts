/** What selectors hold, and let go of. */
import { EVENT_READ, type Selector } from "@cordage/selectors";
import { collect, newFiles, untilCollected } from "@cordage/test-support";
import { describe, expect, test } from "@jest/globals";
import { report } from "./support/fixture.js";
import { begun, different, type Kind, make, pair, turns, withReader } from "./support/selectors.js";

describe.each(different)("%s", (name, Kind) => {
  test("is closed when it is dropped, whatever it was used for", async () => {
    const left = await report("drop-selectors.mjs", [name], { flags: ["--expose-gc"] });
    expect(Object.entries(left).filter(([, count]) => count !== 0)).toEqual([]);
    expect(Object.keys(left)).toHaveLength(9);
  });

  test("is not collected while somebody waits", async () => {
    const { waiting, writer } = waitingFor(Kind);
    await turns(3);
    await collect();
    writer.send("x");
    expect((await waiting).map(([key, events]) => [key.data, events])).toEqual([["still here", EVENT_READ]]);
  });

  test("lets go of what is unregistered, and of everything when it is closed", async () => {
    const selector = make(Kind);
    const map = selector.getMap();
    const [unregistered, closed] = [registered(selector), registered(selector)];
    await selector.selectAsync({ timeout: 1 });
    selector.unregister(unregistered.fd);
    await untilCollected(async () => unregistered.file.deref() === undefined);
    expect(closed.file.deref()).toBeDefined();
    selector.close();
    await untilCollected(async () => closed.file.deref() === undefined);
    expect(map.size).toBe(0);
  });

  test("leaves no descriptor behind when it is closed in the midst of waits", async () => {
    const opened = newFiles();
    for (let i = 0; i < 10; i++) {
      const selector = new Kind();
      const [reader, writer] = pair();
      selector.register(reader, EVENT_READ);
      const waits = [begun(selector.selectAsync()), begun(selector.selectAsync({ timeout: 1 }))];
      await turns(i % 3);
      writer.send("x");
      await turns(i % 2);
      selector.close();
      for (const socket of [reader, writer]) socket.close();
      await Promise.allSettled(waits);
    }
    expect(opened()).toEqual([]);
  });

  test("closes no object that is registered", () => {
    const { selector, reader, writer } = withReader(Kind);
    selector.close();
    writer.send("x");
    expect(String(reader.recv(1))).toBe("x");
  });
});

/** Nobody but the wait refers to the selector. */
function waitingFor(Kind: Kind) {
  const selector = new Kind<string>();
  const [reader, writer] = pair();
  selector.register(reader, EVENT_READ, "still here");
  const waiting = selector.selectAsync().finally(() => selector.close());
  return { waiting, writer };
}

/** Registers an object that only the selector refers to. */
function registered(selector: Selector): { fd: number; file: WeakRef<object> } {
  const fd = pair()[0].fileno();
  const file = { fileno: () => fd };
  selector.register(file, EVENT_READ);
  return { fd, file: new WeakRef(file) };
}

test("selectors say so when no descriptor is left, and go on once there is one again", async () => {
  const refused = "EMFILE epoll_create1";
  expect(await report("exhaust-descriptors.mjs", [], { first: "ulimit -n 64" })).toEqual({
    empty: { make: refused, begin: refused, wait: refused, select: 0, waiting: refused, ready: 1 },
    again: [1, 1],
    select: 1,
  });
});
