/** Piles. Source: eventlet's greenpool_test. */
import { Event, GreenletExit, GreenPile, GreenPool, sleep, spawn, Timeout } from "@cordage/eventlet";
import { seed, seeded, thrownBy } from "@cordage/test-support";
import { expect } from "@jest/globals";
import { green, greenEach, numbers } from "../support/green.js";

const same = <T>(value: T) => value;

// 19 GreenPile.test_pile
green("a pile gives results in the order of spawn", () => {
  const pile = new GreenPile<number>(4);
  for (const i of numbers(10))
    pile.spawn((n: number) => {
      sleep((n * 7) % 3);
      return n;
    }, i);
  expect([...pile]).toEqual(numbers(10));
});

// 20 GreenPile.test_pile_spawn_times_out
green("a spawn that times out on a full pile does not disturb the others", () => {
  const pile = new GreenPile<string>(4);
  const gate = new Event();
  const slow = (text: string) => {
    gate.wait();
    return text;
  };
  for (const i of numbers(4)) pile.spawn(slow, `passed ${i}`);
  expect(thrownBy(() => new Timeout(1).run(() => pile.spawn(slow, "timed out")))).toBeInstanceOf(Timeout);
  gate.send();
  for (const i of [4, 5]) pile.spawn(same, `passed ${i}`);
  expect([...pile]).toEqual(numbers(6).map((i) => `passed ${i}`));
});

// 21 GreenPile.test_empty_pile
green("a pile that was not used is over at once", () => {
  expect([...new GreenPile(4)]).toEqual([]);
});

// 22 GreenPile.test_constructing_from_pool
green("two piles may share a pool, and each has its own results", () => {
  const pool = new GreenPool(2);
  const [one, other] = [new GreenPile<number>(pool), new GreenPile<number>(pool)];
  const bunch = (pile: GreenPile<number>, unique: number) => {
    for (const i of numbers(10)) pile.spawn(same, i + unique);
    return [...pile];
  };
  const all = [spawn(bunch, one, 0), spawn(bunch, other, 100)];
  expect(all.map((thread) => thread.wait())).toEqual([numbers(10), numbers(10).map((i) => i + 100)]);
});

interface Passed {
  producer: number;
  i: number;
}
class Failed extends Error {
  constructor(readonly passed: Passed) {
    super("failed");
  }
}

// 24 Stress.test_ordering_5, 25 Stress.test_ordering_50
greenEach(
  [[5], [50]],
  `a pile of %p keeps the order of each of three producers, and loses none (seed ${seed})`,
  (size) => {
    const below = seeded(seed);
    const pile = new GreenPile<Passed>(size);
    const job = (passed: Passed) => {
      const chance = below(10);
      if (chance < 4) sleep(0);
      if (chance >= 8) throw new Failed(passed);
      return passed;
    };
    const produce = (producer: number) => {
      for (const i of numbers(1000)) pile.spawn(job, { producer, i });
    };
    const producers = numbers(3).map((producer) => spawn(produce, producer));
    const seen = numbers(3).map(() => [] as number[]);
    const take = () => {
      try {
        return pile.next().value;
      } catch (error) {
        return (error as Failed).passed;
      }
    };
    sleep(0);
    for (let one = take(); one; one = take()) seen[one.producer]!.push(one.i);
    for (const producer of producers) producer.wait();
    for (let one = take(); one; one = take()) seen[one.producer]!.push(one.i);
    expect(seen).toEqual(numbers(3).map(() => numbers(1000)));
  },
);

green("a reader who is interrupted has taken nothing", () => {
  const pile = new GreenPile<number>(2);
  const gate = new Event();
  pile.spawn(() => {
    gate.wait();
    return 1;
  });
  pile.spawn(same, 2);
  for (const end of ["kill", "timeout"]) {
    const reader = spawn(() => new Timeout(end === "kill" ? undefined : 1).run(() => pile.next()));
    if (end === "kill") {
      sleep(0);
      reader.kill();
    }
    expect(thrownBy(() => reader.wait())).toBeInstanceOf(end === "kill" ? GreenletExit : Timeout);
  }
  gate.send();
  expect([...pile]).toEqual([1, 2]);
});

green("two readers have one result each, in their order, and both see the end", () => {
  const pile = new GreenPile<number>(2);
  const gate = new Event();
  for (const i of [1, 2])
    pile.spawn(() => {
      gate.wait();
      return i;
    });
  const readers = numbers(3).map(() => spawn(() => pile.next().value));
  sleep(0);
  gate.send();
  expect(readers.map((one) => one.wait())).toEqual([1, 2, undefined]);
});

green("an error is thrown in its place, and a killed job is one", () => {
  const pile = new GreenPile<number>(4);
  const error = new Error("of a job");
  pile.spawn(same, 1);
  pile.spawn(() => {
    throw error;
  });
  pile.spawn(() => {
    throw new GreenletExit();
  });
  pile.spawn(same, 4);
  sleep(0);
  expect(pile.next().value).toBe(1);
  expect(thrownBy(() => pile.next())).toBe(error);
  expect(thrownBy(() => pile.next())).toBeInstanceOf(GreenletExit);
  expect([pile.next().value, pile.next().done]).toEqual([4, true]);
});

green("a loop may be left, and another one goes on there", () => {
  const pile = new GreenPile<number>(4);
  for (const i of numbers(4)) pile.spawn(same, i);
  const seen: number[] = [];
  for (const i of pile) {
    seen.push(i);
    if (i === 1) break;
  }
  expect([seen, [...pile]]).toEqual([
    [0, 1],
    [2, 3],
  ]);
});
