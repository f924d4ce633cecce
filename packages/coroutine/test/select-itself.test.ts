// A select whose cases are the two sides of one channel.

import { Channel, Scheduler, select, TestClock } from "@cordage/coroutine";
import { expect, test } from "@jest/globals";

for (const capacity of [0, 1]) {
  test(`a select that puts into a channel and takes from it does not meet itself: capacity ${capacity}`, async () => {
    const run = new Scheduler({ clock: new TestClock() });
    for (let i = 0; i < 20; i++) {
      const channel = new Channel<string>(capacity);
      if (capacity === 1) channel.tryPut("first");
      const selecting = run.spawn(function* () {
        return yield* select(channel.put("mine"), channel.take());
      });
      const left: string[] = [];
      run.spawn(function* () {
        yield;
        yield;
        if (capacity === 1) return;
        const other = yield* select(channel.take(), channel.put("theirs"));
        left.push(other.index === 0 ? (other.value as string) : "");
      });
      await run.run();
      const { index, value } = await selecting;
      if (capacity === 1) {
        expect({ index, value }).toEqual({ index: 1, value: "first" });
        expect(channel.tryTake()).toBeUndefined();
      } else if (index === 0) expect(left).toEqual(["mine"]);
      else expect(value).toBe("theirs");
    }
  });
}
