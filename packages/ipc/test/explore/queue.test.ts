/** The queue under every interleaving: what is put arrives once and in order, whoever dies. */
import { expect, test } from "@jest/globals";
import { asOneStep, explore, type Model, type PartyProgram } from "../support/explorer.js";
import { COUNT, GOT, MAXSIZE, PUT, prepareQueue, queueIn, RECORDS, RING_BYTES, WORDS } from "../support/queue-model.js";

/** Words of the record of what one consumer has got. */
const RECORD = 8;

/** Puts `id` with 1, 2 and so on, each as long as `lengths` says. */
const producer =
  (id: number, lengths: number[]): PartyProgram =>
  (memory) => {
    const queue = queueIn(memory);
    lengths.forEach((length, i) => void queue.putSync(`${10 * id + i + 1}`.padEnd(length, ".")));
    return "ok";
  };

/** Takes up to `most` items, and keeps a record of each. */
const consumer =
  (id: number, most: number): PartyProgram =>
  (memory) => {
    const queue = queueIn(memory);
    for (let i = 0; i < most; i++) {
      const item = Number.parseInt(queue.getSync(), 10);
      asOneStep((raw) => {
        raw[RECORDS + RECORD * id + i] = item;
      });
    }
    return "ok";
  };

interface Case {
  /** The lengths of each producer's items. */
  puts: number[][];
  consumers: number;
  /** Each consumer leaves when it has its part, so that only the baton wakes the next. */
  shared?: boolean;
  maxsize: number;
  /** How much of the ring has memory at first: all of it, unless the case is about that. */
  backed?: number;
  preemptions: number;
  crash?: boolean;
}

function modelOf({ puts, consumers, shared, maxsize, backed = RING_BYTES, preemptions, crash }: Case): Model {
  const total = puts.flat().length;
  const maySleep = (consumers > 1 && !shared) || crash === true;
  const most = maySleep ? total + 1 : total / consumers;
  const takers = Array.from({ length: consumers }, (_, i) => consumer(i, most));
  return {
    words: WORDS,
    parties: [...puts.map((lengths, i) => producer(i + 1, lengths)), ...takers],
    preemptions,
    crash,
    maySleep,
    prepare: (memory) => prepareQueue(memory, maxsize, backed),
    check(outcomes, memory) {
      for (const one of outcomes) if (one instanceof Error) throw one;
      checkItems(memory, puts.length, outcomes.slice(puts.length));
      checkEnds(memory, outcomes, puts.length, total);
    },
  };
}

const recordOf = (memory: Int32Array, id: number) =>
  [...memory.subarray(RECORDS + RECORD * id, RECORDS + RECORD * (id + 1))].filter((item) => item !== 0);

/** Nothing is lost or doubled, and each producer's items come in order. One who died may have had one more. */
function checkItems(memory: Int32Array, producers: number, consumers: unknown[]): void {
  const records = consumers.map((_, id) => recordOf(memory, id));
  const all = records.flat();
  const taken = memory[GOT]! - COUNT;
  expect(new Set(all).size).toBe(all.length);
  expect(taken - all.length).toBeGreaterThanOrEqual(0);
  expect(taken - all.length).toBeLessThanOrEqual(consumers.includes("dead") ? 1 : 0);
  for (let id = 1; id <= producers; id++) {
    for (const record of records) {
      const own = record.filter((item) => Math.floor(item / 10) === id);
      expect(own).toEqual([...own].sort());
    }
  }
}

/** Whoever lives has done what there was to do. */
function checkEnds(memory: Int32Array, outcomes: unknown[], producers: number, total: number): void {
  const [put, got] = [memory[PUT]! - COUNT, memory[GOT]! - COUNT];
  expect(queueIn(memory).qsize()).toBe(put - got);
  const consumerLives = outcomes.slice(producers).some((one) => one !== "dead");
  if (consumerLives) expect(got).toBe(put);
  if (consumerLives || memory[MAXSIZE] === 0)
    for (const one of outcomes.slice(0, producers)) expect(["ok", "dead"]).toContain(one);
  if (!outcomes.slice(0, producers).includes("dead") && consumerLives) expect(put).toBe(total);
}

const SHORT = 1;
const WRAPPING = 14;
const LARGE = 3000; // to the log; two of them reach into its next page
const cases: [string, Case][] = [
  ["one producer, one consumer", { puts: [[SHORT]], consumers: 1, maxsize: 0, preemptions: 2 }],
  ["frames that wrap around", { puts: [[WRAPPING, SHORT]], consumers: 1, maxsize: 0, preemptions: 1 }],
  ["a ring that gets its memory", { puts: [[SHORT], [SHORT]], consumers: 1, maxsize: 0, backed: 32, preemptions: 1 }],
  ["frames in the log", { puts: [[LARGE, SHORT, LARGE]], consumers: 1, maxsize: 0, preemptions: 1 }],
  ["room for one", { puts: [[SHORT, SHORT, SHORT]], consumers: 1, maxsize: 1, preemptions: 1 }],
  ["two producers", { puts: [[SHORT, SHORT], [SHORT]], consumers: 1, maxsize: 0, preemptions: 1 }],
  ["two producers, room for one", { puts: [[SHORT], [SHORT]], consumers: 1, maxsize: 1, preemptions: 1 }],
  ["two consumers, an item each", { puts: [[SHORT, SHORT]], consumers: 2, shared: true, maxsize: 0, preemptions: 1 }],
  ["two consumers", { puts: [[SHORT, SHORT]], consumers: 2, maxsize: 0, preemptions: 1 }],
];
test.each(cases)("a queue loses nothing, doubles nothing and keeps order: %s", (_, one) => {
  const schedules = explore(modelOf(one));
  expect(schedules).toBeGreaterThan(80);
});

test("a queue opened anew where the counts wrap to 0 looks before it takes", () => {
  const anew: PartyProgram = (memory) => {
    const items = ["1", "2", "3"].map((item) => item.padEnd(LARGE, "."));
    for (const item of items) queueIn(memory).putSync(item);
    return items.filter((item) => queueIn(memory).getSync() === item).length;
  };
  explore({
    words: WORDS,
    parties: [anew],
    preemptions: 0,
    prepare: (memory) => prepareQueue(memory, 0),
    check: (outcomes) => expect(outcomes).toEqual([3]),
  });
});

const deaths: [string, Case][] = [
  ["one producer, one consumer", { puts: [[SHORT]], consumers: 1, maxsize: 0, preemptions: 1 }],
  ["a ring that gets its memory", { puts: [[SHORT], [SHORT]], consumers: 1, maxsize: 0, backed: 32, preemptions: 0 }],
  ["frames in the log", { puts: [[LARGE, SHORT, LARGE]], consumers: 2, maxsize: 0, preemptions: 0 }],
  ["two producers, room for one", { puts: [[SHORT], [SHORT]], consumers: 1, maxsize: 1, preemptions: 0 }],
  ["two consumers, room for one", { puts: [[SHORT, SHORT]], consumers: 2, maxsize: 1, preemptions: 0 }],
];
test.each(deaths)("whoever dies at a queue, the others lose nothing and go on: %s", (_, one) => {
  const schedules = explore(modelOf({ ...one, crash: true }));
  expect(schedules).toBeGreaterThan(400);
});
