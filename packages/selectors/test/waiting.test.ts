/** How long selectors wait, in every form. */
import { EVENT_READ, EVENT_WRITE } from "@cordage/selectors";
import { reportOf } from "@cordage/test-support";
import { describe, expect, test } from "@jest/globals";
import { report, start } from "./support/fixture.js";
import { interrupt } from "./support/interrupt.js";
import { begun, different, make, makeCounting, pair, turns, ways, withReader } from "./support/selectors.js";

const LONG = [2 ** 31 - 1, 2 ** 31, 2 ** 32 + 5, 1e12, 1e300, Number.MAX_VALUE, Number.POSITIVE_INFINITY];

describe.each(different)("%s", (name, Kind) => {
  describe.each(ways)("%s", (_, wait) => {
    test.each([0, -0, -0.25, -1, -(2 ** 31), -(2 ** 40), Number.NEGATIVE_INFINITY])(
      "looks once for %p ms",
      async (timeout) => {
        const { selector, writer } = withReader(Kind);
        expect(await wait(selector, timeout)).toEqual([]);
        const key = selector.register(writer, EVENT_WRITE);
        expect(await wait(selector, timeout)).toEqual([[key, EVENT_WRITE]]);
      },
    );

    test.each([Number.MIN_VALUE, 0.25, 0.999, 1, 1.5])("waits no longer than %p ms, about", async (timeout) => {
      const { selector } = withReader(Kind);
      expect(await wait(selector, timeout)).toEqual([]);
    });

    test.each([2.5, 20])("waits no less than %p ms", async (timeout) => {
      const { selector } = withReader(Kind);
      const began = performance.now();
      expect(await wait(selector, timeout)).toEqual([]);
      // Timers of Node take whole milliseconds, and may be one early.
      expect(performance.now() - began).toBeGreaterThanOrEqual(Math.floor(timeout) - 1);
    });

    test.each([...LONG, null, undefined])("may wait %p ms, and does not where something is ready", async (timeout) => {
      const selector = make(Kind);
      const key = selector.register(pair()[0], EVENT_WRITE);
      expect(await wait(selector, timeout)).toEqual([[key, EVENT_WRITE]]);
    });
  });

  test.each(LONG)("selectAsync waits for %p ms", async (timeout) => {
    const { selector, reader, writer } = withReader(Kind);
    const waiting = begun(selector.selectAsync({ timeout }));
    await turns(20);
    writer.send("x");
    expect(await waiting).toEqual([[selector.getKey(reader), EVENT_READ]]);
  });

  test.each(["2147483648", "4294967301", "1e300", "Infinity"])(
    "select waits for %s ms, through signals",
    async (timeout) => {
      const running = start("select-through-signals.mjs", [name, timeout]);
      expect(await running.line()).toBe("blocks");
      await interrupt(running.child, "SIGUSR2", 2);
      running.child.stdin!.end("x");
      expect(await reportOf(running)).toEqual({ found: 1, whole: false, signalled: true });
    },
  );

  test("select looks once, unless something is left behind", () => {
    const selector = makeCounting(Kind);
    selector.register(pair()[0], EVENT_READ);
    expect([selector.select(2), selector.select(0), selector.looks]).toEqual([[], [], [2, 0]]);
  });

  test("a thread that waits can be terminated, and leaves no descriptor behind", async () => {
    expect(await report("terminate-waiting-threads.mjs", [name])).toEqual({
      select: [1, 0],
      limited: [1, 0],
      selectAsync: [1, 0],
      "for await": [1, 0],
    });
  });
});
