/** How a queue ends, under every interleaving: shutdown, its two ways, and join. */
import { JoinableQueue, QueueShutDown } from "@cordage/ipc";
import { expect, test } from "@jest/globals";
import { asOneStep, explore, type Model, type PartyProgram } from "../support/explorer.js";
import { COUNT, DONE, GOT, PUT, prepareQueue, queueIn, RECORDS, STATE, WORDS } from "../support/queue-model.js";

const OPEN = 0;
const LARGE = 3000; // to the log
const TAKEN = RECORDS; // how many items consumers got
const ADDED = RECORDS + 1; // how many puts have succeeded

const joinableIn = (memory: Int32Array) => queueIn(memory, JoinableQueue<string>);

/** Goes on until it may not, or the queue says that it was shut down. */
function untilShutDown(may: () => boolean, step: () => void): "ended" | "shut down" {
  try {
    while (may()) step();
    return "ended";
  } catch (error) {
    if (error instanceof QueueShutDown) return "shut down";
    throw error;
  }
}

const getter: PartyProgram = (memory) => {
  const queue = joinableIn(memory);
  const get = () => {
    queue.getSync();
    asOneStep((raw) => raw[TAKEN]!++);
  };
  return untilShutDown(() => true, get);
};
/** Puts up to `most` items. */
const putter =
  (most: number, length = 1): PartyProgram =>
  (memory) => {
    const queue = joinableIn(memory);
    let left = most;
    const put = () => {
      queue.putSync("x".repeat(length));
      asOneStep((raw) => raw[ADDED]!++);
    };
    return untilShutDown(() => left-- > 0, put);
  };
const shutter =
  (immediate: boolean): PartyProgram =>
  (memory) =>
    joinableIn(memory).shutdown(immediate);
/** Takes `count` items and reports each done. */
const worker =
  (count: number): PartyProgram =>
  (memory) => {
    const queue = joinableIn(memory);
    for (let i = 0; i < count; i++) {
      queue.getSync();
      queue.taskDone();
    }
    return "done";
  };
const unfinished = (raw: Int32Array) => raw[PUT]! - raw[DONE]!;
/** Joins; what was unfinished when it was let go. */
const joiner: PartyProgram = (memory) => {
  joinableIn(memory).joinSync();
  return asOneStep(unfinished);
};

function modelOf(parties: PartyProgram[], items: number, rest: Partial<Model> & Pick<Model, "check">): Model {
  const prepare = (memory: Int32Array) => {
    prepareQueue(memory, 0);
    for (let i = 0; i < items; i++) joinableIn(memory).putSync("x");
  };
  return { words: WORDS, parties, preemptions: 1, prepare, ...rest };
}

function failing(outcomes: unknown[]): void {
  for (const one of outcomes) if (one instanceof Error) throw one;
}

test.each([
  ["a short item", 1],
  ["an item for the log", LARGE],
])("after a shutdown what was put is got, %s, and everybody who waits is told", (_, length) => {
  const schedules = explore(
    modelOf([getter, putter(2, length), shutter(false)], 0, {
      check(outcomes, memory) {
        failing(outcomes);
        expect(outcomes[0]).toBe("shut down");
        expect(memory[TAKEN]).toBe(memory[ADDED]);
        expect(memory[PUT]! - COUNT).toBe(memory[ADDED]);
      },
    }),
  );
  expect(schedules).toBeGreaterThan(200);
});

test("a put that waits for space is told of a shutdown, and puts nothing", () => {
  const schedules = explore(
    modelOf([putter(2), putter(1), shutter(false)], 0, {
      prepare: (memory) => prepareQueue(memory, 1),
      check(outcomes, memory) {
        failing(outcomes);
        expect([memory[PUT]! - COUNT, memory[ADDED]]).toEqual([memory[ADDED], memory[ADDED]]);
        expect(memory[ADDED]).toBeLessThanOrEqual(1);
      },
    }),
  );
  expect(schedules).toBeGreaterThan(200);
});

test("an immediate shutdown drops what is left, and lets those go who get, put or join", () => {
  const joining: PartyProgram = (memory) => joinableIn(memory).joinSync();
  const schedules = explore(
    modelOf([getter, joining, shutter(true)], 2, {
      maySleep: true,
      check(outcomes, memory) {
        failing(outcomes);
        expect(outcomes[0]).toBe("shut down");
        expect(memory[PUT]).toBe(memory[GOT]);
        // What the getter took it did not report done.
        expect(outcomes[1]).toBe(memory[TAKEN] === 0 ? undefined : "asleep");
      },
    }),
  );
  expect(schedules).toBeGreaterThan(200);
});

test.each([0, 1, 2])(
  "one who dies in a shutdown has shut the queue down or not, and keeps nobody (%i items)",
  (items) => {
    for (const immediate of [false, true]) {
      explore(
        modelOf([getter, shutter(immediate)], items, {
          preemptions: 0,
          crash: true,
          maySleep: true,
          check(outcomes, memory) {
            failing(outcomes);
            const [got] = outcomes;
            if (memory[STATE] === OPEN) expect(["asleep", "dead"]).toContain(got);
            else if (got !== "dead") expect(got).toBe("shut down");
            if (got === "shut down") expect(memory[PUT]).toBe(memory[GOT]);
          },
        }),
      );
    }
  },
);

test("join lets go once all is reported done, and loses no wake-up", () => {
  const schedules = explore(
    modelOf([worker(1), worker(1), joiner], 2, {
      check(outcomes) {
        failing(outcomes);
        expect(outcomes).toEqual(["done", "done", 0]);
      },
    }),
  );
  expect(schedules).toBeGreaterThan(200);
});

test("two that join are both let go", () => {
  explore(
    modelOf([worker(2), joiner, joiner], 2, {
      check(outcomes) {
        failing(outcomes);
        expect(outcomes).toEqual(["done", 0, 0]);
      },
    }),
  );
});

test("whoever dies before it has reported its item keeps a join waiting, and nobody else does", () => {
  const schedules = explore(
    modelOf([worker(1), worker(1), joiner], 2, {
      preemptions: 0,
      crash: true,
      maySleep: true,
      check(outcomes, memory) {
        failing(outcomes);
        if (outcomes[2] === "dead") return;
        expect(outcomes[2]).toBe(unfinished(memory) === 0 ? 0 : "asleep");
      },
    }),
  );
  expect(schedules).toBeGreaterThan(200);
});
