/** Whatever waits refuses a signal that is none before it does anything. */
import {
  Barrier,
  BoundedSemaphore,
  Client,
  Condition,
  Event,
  JoinableQueue,
  Listener,
  Lock,
  Pipe,
  Queue,
  RLock,
  Semaphore,
  wait,
} from "@cordage/ipc";
import { failureOf } from "@cordage/test-support";
import { expect, test } from "@jest/globals";

const [a, b] = Pipe();
const listener = new Listener();
const [condition, full, joined] = [new Condition(), new Queue<number>(1), new JoinableQueue<number>()];
full.putSync(1);
joined.putSync(1);

type Options = { signal: AbortSignal };
const waits: Record<string, (o: Options) => Promise<unknown>> = {
  ...Object.fromEntries(
    [Lock, RLock, Semaphore, BoundedSemaphore].map((Cls) => [Cls.name, (o: Options) => new Cls().acquire(o)]),
  ),
  hold: (o) => new Lock().hold(o),
  "condition.wait": (o) => condition.wait(o),
  "condition.waitFor": (o) => condition.waitFor(() => false, o),
  event: (o) => new Event().wait(o),
  barrier: (o) => new Barrier(2).wait(o),
  put: (o) => full.put(2, o),
  get: (o) => new Queue().get(o),
  join: (o) => joined.join(o),
  send: (o) => a.send(1, o),
  recv: (o) => b.recv(o),
  recvBytes: (o) => b.recvBytes(undefined, o),
  poll: (o) => a.poll(1000, o),
  accept: (o) => listener.accept(o),
  client: (o) => Client(listener.address, o),
  wait: (o) => wait([a], 1000, o),
};

test.each(Object.keys(waits))("%s", async (name) => {
  await condition.acquire();
  for (const signal of [5, "abort", {}, new AbortController()] as never[])
    expect(await failureOf(waits[name]!({ signal }))).toMatchObject({
      code: "ERR_INVALID_ARG_TYPE",
      message: expect.stringMatching(/^cannot [a-z ]+: signal must be an AbortSignal, received /),
    });
  condition.release();
});

test("nothing was sent or taken meanwhile", () => {
  expect([a.pollSync(), b.pollSync(), full.qsize(), joined.qsize()]).toEqual([false, false, 1, 1]);
  listener.close();
  for (const end of [a, b]) end.close();
});
