// sleep|take: a million tasks that wait.
import { Channel, Scheduler, sleep } from "@cordage/coroutine";
import { reportBytesEach } from "../measure.mjs";

const channel = new Channel();

const waits = {
  *sleep(started) {
    started();
    yield* sleep(1e6);
  },
  *take(started) {
    started();
    yield* channel.take();
  },
};

const wait = waits[process.argv[2]];
await reportBytesEach(1_000_000, (n, started) => {
  const scheduler = new Scheduler();
  for (let i = 0; i < n; i++) scheduler.spawn(wait(started));
  scheduler.run();
  return scheduler;
});
