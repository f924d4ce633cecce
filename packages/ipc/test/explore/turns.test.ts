/** The promise forms, in every order of the event loop's turns: here, and with another process that wakes or takes. */
import {
  Barrier,
  BrokenBarrierError,
  Condition,
  Event,
  JoinableQueue,
  Lock,
  type Queue,
  QueueEmpty,
  QueueShutDown,
  Semaphore,
} from "@cordage/ipc";
import { expect, test } from "@jest/globals";
import { prepareQueue, queueIn, WORDS } from "../support/queue-model.js";
import { type Actor, exploreTurns, type Outcome, outcomeOf, type TurnsModel } from "../support/turns.js";

const values = (outcomes: Outcome[]) => outcomes.map(({ state, value }) => (state === "pending" ? state : value));

function queues(
  maxsize: number,
  begin: (here: Queue, there: Queue, end: AbortSignal) => ReturnType<TurnsModel["begin"]>,
) {
  return {
    words: WORDS,
    begin(here: Int32Array, there: Int32Array, end: AbortSignal) {
      prepareQueue(here, maxsize);
      return begin(queueIn(here, JoinableQueue as never), queueIn(there, JoinableQueue as never), end);
    },
  };
}

test("puts and gets of one thread end in the order of their calls", async () => {
  await exploreTurns({
    slices: 2,
    ...queues(1, (queue, _, signal) => {
      const gets = [1, 2, 3].map(() => outcomeOf(queue.get({ signal })));
      const puts: Outcome[] = [];
      const put = (item: string) => () => puts.push(outcomeOf(queue.put(item, { signal })));
      return {
        actors: [{ steps: ["a", "b", "c"].map(put) }],
        check() {
          expect(values(gets)).toEqual(["a", "b", "c"]);
          expect(puts.map(({ state }) => state)).toEqual(["fulfilled", "fulfilled", "fulfilled"]);
        },
      };
    }),
  });
});

test("what another process puts goes to those who wait here, in the order of their calls", async () => {
  const schedules = await exploreTurns({
    slices: 2,
    ...queues(0, (queue, elsewhere, signal) => {
      const gets = [1, 2].map(() => outcomeOf(queue.get({ signal })));
      const steps = ["a", "b"].map((item) => () => elsewhere.putSync(item));
      return {
        actors: [{ elsewhere: true, steps }],
        check: () => expect(values(gets)).toEqual(["a", "b"]),
      };
    }),
  });
  expect(schedules).toBeGreaterThan(10);
});

test("another process that takes first leaves the wait as it was", async () => {
  await exploreTurns({
    slices: 1,
    ...queues(0, (queue, elsewhere, signal) => {
      const get = outcomeOf(queue.get({ signal }));
      const stolen: unknown[] = [];
      const steps = [() => elsewhere.putSync("a"), () => stolen.push(elsewhere.tryGet()), () => elsewhere.putSync("b")];
      return {
        actors: [{ elsewhere: true, steps }],
        check: () => expect(values([get])).toEqual([stolen[0] === "a" ? "b" : "a"]),
      };
    }),
  });
});

test.each([
  ["here", false],
  ["in another process", true],
])(
  "an item that was put %s for a get that is cancelled, or whose time is over, goes to the next",
  async (_, elsewhere) => {
    for (const how of ["cancelled", "timed out"]) {
      const schedules = await exploreTurns({
        slices: 1,
        ...queues(0, (here, there, end) => {
          const stop = new AbortController();
          const options =
            how === "cancelled" ? { signal: AbortSignal.any([end, stop.signal]) } : { timeout: 5, signal: end };
          const first = outcomeOf(here.get(options));
          const second = outcomeOf(here.get({ signal: end }));
          const putter: Actor = { elsewhere, steps: [() => (elsewhere ? there : here).putSync("a")] };
          const canceller: Actor = { steps: how === "cancelled" ? [() => stop.abort("enough")] : [] };
          return {
            actors: [putter, canceller],
            check() {
              if (first.state === "fulfilled") return expect(values([first, second])).toEqual(["a", "pending"]);
              expect(first.value === "enough" || first.value instanceof QueueEmpty).toBe(true);
              expect(second.value).toBe("a");
            },
          };
        }),
      });
      expect(schedules).toBeGreaterThan(5);
    }
  },
);

test.each([false, true])("a shutdown, immediate: %p, ends every wait for items", async (immediate) => {
  await exploreTurns({
    slices: 1,
    ...queues(0, (queue, elsewhere, signal) => {
      const gets = [1, 2].map(() => outcomeOf(queue.get({ signal })));
      const joined = outcomeOf((queue as JoinableQueue).join({ signal }));
      const steps = [() => elsewhere.putSync("a"), () => elsewhere.shutdown(immediate)];
      return {
        actors: [{ elsewhere: true, steps }],
        check() {
          const told = gets.filter(({ value }) => value instanceof QueueShutDown).length;
          expect(told + values(gets).filter((value) => value === "a").length).toBe(2);
          expect(told).toBeGreaterThanOrEqual(1);
          if (told === 2) expect([immediate, joined.state]).toEqual([true, "fulfilled"]);
        },
      };
    }),
  });
});

test.each([
  ["here", false],
  ["in another process", true],
])("joins end once the last task is reported done %s", async (_, elsewhere) => {
  await exploreTurns({
    slices: 1,
    ...queues(0, (here, there, signal) => {
      here.putSync("a");
      here.putSync("b");
      const joins = [1, 2].map(() => outcomeOf((here as JoinableQueue).join({ signal })));
      const worker = (elsewhere ? there : here) as JoinableQueue;
      const step = () => {
        worker.getSync();
        worker.taskDone();
      };
      return {
        actors: [{ elsewhere, steps: [step, step] }],
        check: () => expect(joins.map(({ state }) => state)).toEqual(["fulfilled", "fulfilled"]),
      };
    }),
  });
});

const lockIn = (words: Int32Array) => new Lock({ words: words.subarray(0, 3) });

test("a lock goes to one after the other, in the order of the calls, past one that is cancelled", async () => {
  const schedules = await exploreTurns({
    words: 16,
    slices: 1,
    begin(here, there, end) {
      const [lock, other] = [lockIn(here), lockIn(there)];
      const stop = new AbortController();
      const order: number[] = [];
      const take = async (i: number, signal: AbortSignal) => {
        await lock.acquire({ signal });
        order.push(i);
        if (lock.tryAcquire()) throw new Error("two hold it");
        lock.release();
      };
      const takes: Outcome[] = [];
      const steps = [
        () => {
          takes.push(outcomeOf(take(0, AbortSignal.any([end, stop.signal]))), outcomeOf(take(1, end)));
        },
        () => stop.abort("enough"),
      ];
      other.tryAcquire();
      return {
        actors: [{ steps }, { elsewhere: true, steps: [() => other.release()] }],
        check() {
          expect(order).toEqual(takes[0]!.state === "fulfilled" ? [0, 1] : [1]);
          expect(takes[1]!.state).toBe("fulfilled");
          expect(lock.locked()).toBe(false);
        },
      };
    },
  });
  expect(schedules).toBeGreaterThan(10);
});

test.each([
  ["here", false],
  ["in another process", true],
])("as many permits as are released %s let as many go, past one that is cancelled", async (_, elsewhere) => {
  await exploreTurns({
    words: 16,
    slices: 1,
    begin(here, there, end) {
      const [semaphore, other] = [here, there].map((words) => new Semaphore(0, { words: words.subarray(0, 4) }));
      here[1] = 2 ** 30; // the most permits, which a semaphore of its own memory would have written
      const stop = new AbortController();
      const signals = [AbortSignal.any([end, stop.signal]), end, end];
      const waits = signals.map((signal) => outcomeOf(semaphore!.acquire({ signal })));
      const release = () => (elsewhere ? other : semaphore)!.release();
      return {
        actors: [{ elsewhere, steps: [release, release] }, { steps: [() => stop.abort("enough")] }],
        check() {
          expect(semaphore!.getValue()).toBe(0);
          expect(waits.filter(({ state }) => state === "fulfilled")).toHaveLength(2);
        },
      };
    },
  });
});

test("an event lets all go that waited when it was set, though it is cleared at once", async () => {
  await exploreTurns({
    words: 16,
    slices: 1,
    begin(here, there, signal) {
      const [event, other] = [here, there].map((words) => new Event({ words: words.subarray(0, 4) }));
      const waits = [1, 2].map(() => outcomeOf(event!.wait({ signal })));
      return {
        actors: [{ elsewhere: true, steps: [() => other!.set(), () => other!.clear()] }],
        check: () => expect(values(waits)).toEqual([true, true]),
      };
    },
  });
});

test("a notification from elsewhere is one waiter's, past one that is cancelled", async () => {
  await exploreTurns({
    words: 64,
    slices: 1,
    begin(here, there, end) {
      const [condition, other] = [here, there].map(
        (words) => new Condition(lockIn(words), { words: words.subarray(16, 16 + 2 + 3 * 4) }),
      );
      const stop = new AbortController();
      const wait = async (signal: AbortSignal) => {
        await condition!.acquire({ signal });
        try {
          return await condition!.wait({ signal });
        } finally {
          condition!.release();
        }
      };
      const waits = [AbortSignal.any([end, stop.signal]), end].map((signal) => outcomeOf(wait(signal)));
      let notified = 0;
      const notify = () => {
        if (!other!.tryAcquire()) return;
        notified = here[16 + 1]! > 0 ? 1 : 0;
        other!.notify();
        other!.release();
      };
      return {
        actors: [{ elsewhere: true, steps: [notify] }, { steps: [() => stop.abort("enough")] }],
        check() {
          const went = waits.filter(({ value }) => value === true).length;
          const gaveUp = waits[0]!.state === "rejected";
          expect(went).toBeLessThanOrEqual(notified);
          if (notified && !gaveUp) expect(went).toBe(1);
          // Who gave up after it was notified has handed that on, if the other waited then.
          if (notified && gaveUp && waits[1]!.state === "pending") expect(String(condition)).toMatch(/, 1\)>$/);
          expect(condition!.locked()).toBe(false);
        },
      };
    },
  });
});

test("a barrier lets all go or none, whoever breaks it", async () => {
  await exploreTurns({
    words: 80,
    slices: 1,
    begin(here, there, end) {
      here[0] = 2;
      const [barrier, other] = [here, there].map((words) => new Barrier(0, {}, { words: words.subarray(0, 68) }));
      const waits: Outcome[] = [];
      const come = () => waits.push(outcomeOf(barrier!.wait({ signal: end })));
      return {
        actors: [{ steps: [come, come] }, { elsewhere: true, steps: [() => other!.abort()] }],
        check() {
          const broken = waits.filter(({ value }) => value instanceof BrokenBarrierError).length;
          expect([0, 2]).toContain(broken);
          if (broken === 0) expect(values(waits).sort()).toEqual([0, 1]);
        },
      };
    },
  });
});
