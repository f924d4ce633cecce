// CAPACITY: one task puts numbers into a channel, another takes them.
import { Channel, Scheduler } from "@cordage/coroutine";
import { equal, reportNanoseconds } from "../measure.mjs";

const capacity = Number(process.argv[2]);

function* putAll(channel, n) {
  for (let i = 0; i < n; i++) yield* channel.put(i);
}

function* takeAll(channel, n) {
  for (let i = 0; i < n; i++) {
    const value = yield* channel.take();
    if (value !== i) equal(value, i, "value");
  }
}

await reportNanoseconds(5_000_000, (n) => {
  const scheduler = new Scheduler();
  const channel = new Channel(capacity);
  scheduler.spawn(putAll(channel, n));
  scheduler.spawn(takeAll(channel, n));
  return scheduler.run();
});
