/** The barrier under every interleaving: the rounds of its parties, those who break or reset it, and its dead. */
import { Barrier, BrokenBarrierError } from "@cordage/ipc";
import { expect, test } from "@jest/globals";
import { asOneStep, explore, type Model, OWN_TIMEOUT, type PartyProgram } from "../support/explorer.js";

// The barrier's cell, see internal/barrier-cell.ts, then what the test itself uses.
const CELL_WORDS = 68;
const COME = 72; // one for each round: how many have come
const ACTIONS = 80;
const WORDS = 96;

interface Options {
  action?: () => unknown;
  timeout?: number;
}

function barrierIn(memory: Int32Array, { action, timeout }: Options = {}): Barrier {
  return new Barrier(0, { action, timeout }, { words: memory.subarray(0, CELL_WORDS) });
}

/** What a party saw: its rank in each round that it passed, then "broken" if one was. */
type Seen = (number | "broken")[];

/** Waits in `rounds` rounds, and makes sure each time that all had come. */
const party =
  (parties: number, rounds = 1, options: Options = {}): PartyProgram =>
  (memory): Seen => {
    const seen: Seen = [];
    for (let round = 0; round < rounds; round++) {
      asOneStep((raw) => raw[COME + round]!++);
      try {
        seen.push(barrierIn(memory, options).waitSync());
      } catch (error) {
        if (!(error instanceof BrokenBarrierError)) throw error;
        return [...seen, "broken"];
      }
      const come = asOneStep((raw) => raw[COME + round]);
      if (come !== parties) throw new Error(`${come} of ${parties} had come when it let one go`);
    }
    return seen;
  };

function modelOf(parties: number, programs: PartyProgram[], rest: Omit<Model, "words" | "parties">): Model {
  const prepare = (memory: Int32Array) => {
    memory[0] = parties;
  };
  return { words: WORDS, parties: programs, prepare, ...rest };
}

function failing(outcomes: unknown[]): void {
  for (const one of outcomes) if (one instanceof Error) throw one;
}

test.each([
  [2, 2, 2],
  [3, 1, 1],
])(
  "a barrier of %i lets nobody go in round %i before all have come, and numbers them",
  (parties, rounds, preemptions) => {
    const schedules = explore(
      modelOf(parties, Array(parties).fill(party(parties, rounds)), {
        preemptions,
        check(outcomes) {
          failing(outcomes);
          const ranks = Array.from({ length: parties }, (_, i) => i);
          for (let round = 0; round < rounds; round++)
            expect(outcomes.map((seen) => (seen as Seen)[round]).sort()).toEqual(ranks);
        },
      }),
    );
    expect(schedules).toBeGreaterThan(200);
  },
);

test("the action runs once in each round, after all have come and before anybody goes", () => {
  const action = () => asOneStep((raw) => raw[ACTIONS + raw[COME + 1]! / 2]!++);
  explore(
    modelOf(2, Array(2).fill(party(2, 2, { action })), {
      preemptions: 2,
      check(outcomes, memory) {
        failing(outcomes);
        expect([...memory.subarray(ACTIONS, ACTIONS + 2)]).toEqual([1, 1]);
      },
    }),
  );
});

/** Who is told that a round was broken is told so for good; the fate of a round is one for all its parties. */
test.each(["abort", "reset"] as const)("%s while parties come is for all that wait at that moment", (how) => {
  const breaking: PartyProgram = (memory) => barrierIn(memory)[how]();
  const schedules = explore(
    modelOf(2, [party(2), party(2), breaking], {
      preemptions: 1,
      maySleep: how === "reset",
      check(outcomes, memory) {
        failing(outcomes);
        const [one, other] = outcomes as Seen[];
        if (how === "abort") {
          expect([
            ["broken", "broken"],
            [0, 1],
            [1, 0],
          ]).toContainEqual([one![0], other![0]]);
          return;
        }
        // One who came before the reset is told; the other then waits for a party that does not come again.
        const told = outcomes.filter((seen) => Array.isArray(seen) && seen[0] === "broken").length;
        const waits = outcomes.filter((seen) => seen === "asleep").length;
        expect([told, waits]).not.toEqual([0, 1]);
        expect(told + waits === 0 || told === 2 || (told === 1 && waits === 1)).toBe(true);
        expect(barrierIn(memory).broken).toBe(false);
      },
    }),
  );
  expect(schedules).toBeGreaterThan(200);
});

test("a timeout that races with the last party breaks the round for both or for neither", () => {
  const schedules = explore(
    modelOf(2, [party(2, 1, { timeout: OWN_TIMEOUT }), party(2, 1, { timeout: OWN_TIMEOUT })], {
      preemptions: 2,
      check(outcomes, memory) {
        failing(outcomes);
        const broken = outcomes.filter((seen) => (seen as Seen)[0] === "broken").length;
        expect([0, 2]).toContain(broken);
        expect(barrierIn(memory).broken).toBe(broken > 0);
      },
    }),
  );
  expect(schedules).toBeGreaterThan(200);
});

test("a party that dies before it comes leaves the other waiting, one that has come counts", () => {
  const schedules = explore(
    modelOf(2, [party(2), party(2)], {
      preemptions: 0,
      crash: true,
      maySleep: true,
      check(outcomes, memory) {
        const living = outcomes.filter((seen) => seen !== "dead");
        for (const seen of living) {
          if (seen instanceof Error) expect(seen.message).toMatch(/had come/);
          else expect(["asleep", [0], [1]]).toContainEqual(seen);
        }
        if (living.length === 2) failing(outcomes);
        expect(barrierIn(memory).broken).toBe(false);
      },
    }),
  );
  expect(schedules).toBeGreaterThan(50);
});

test("a party that dies while it runs the action breaks the barrier, and keeps nobody", () => {
  const action = () => asOneStep((raw) => raw[ACTIONS]!++);
  explore(
    modelOf(2, Array(2).fill(party(2, 1, { action })), {
      preemptions: 0,
      crash: true,
      maySleep: true,
      check(outcomes, memory) {
        failing(outcomes);
        const [living] = outcomes.filter((seen) => seen !== "dead");
        if (outcomes.includes("dead") && memory[COME] === 2 && living !== "asleep")
          expect([["broken"], [0], [1]]).toContainEqual(living);
        if (living === "asleep") expect(memory[ACTIONS]).toBe(0);
      },
    }),
  );
});
