/** Groups of greenlets. Source: gevent's test__greenletset. */
import { event, Greenlet, GreenletExit, idle, pool, sleep, spawn, withTimeout } from "@cordage/gevent";
import { thrownBy } from "@cordage/test-support";
import { describe, expect } from "@jest/globals";
import { green, greenEach, takeReports } from "../support/green.js";

const { Group, Pool } = pool;
const { Event } = event;

class SpecialError extends Error {}

/** Swallows every exit that is thrown into it, and counts them. */
function undead() {
  const shots = { count: 0 };
  const g = spawn(() => {
    for (;;) {
      try {
        for (;;) sleep(10_000);
      } catch (error) {
        if (error instanceof SpecialError) return;
        shots.count++;
      }
    }
  });
  return { g, shots };
}

describe("a group", () => {
  // 207 Test(greenletset).test_basic
  green("loses those that end", () => {
    const [first, second] = [new Event(), new Event()];
    const group = new Group();
    group.spawn(() => first.wait());
    group.spawn(() => second.wait());
    expect(group.length).toBe(2);
    first.set();
    idle();
    expect(group.length).toBe(1);
    second.set();
    expect(group.join()).toBe(true);
    expect([...group]).toEqual([]);
  });

  green("has greenlets that were started elsewhere; each once", () => {
    const g = spawn(() => sleep(10_000));
    const group = new Group(g, g);
    group.add(g);
    expect([group.length, group.has(g), [...group]]).toEqual([1, true, [g]]);
    const other = new Greenlet(() => 1);
    group.start(other);
    expect(other.get()).toBe(1);
    group.kill();
    expect([group.length, g.dead, g.linkCount]).toEqual([0, true, 0]);
  });

  // 209 Test(greenletset).test_kill_block
  green("is empty after a kill", () => {
    const group = new Group();
    for (let i = 0; i < 2; i++) group.spawn(() => sleep(10_000));
    sleep(0);
    group.kill();
    expect(group.length).toBe(0);
  });

  // 210 Test(greenletset).test_kill_noblock
  green("is empty soon after a kill that does not wait", () => {
    const group = new Group();
    for (let i = 0; i < 2; i++) group.spawn(() => sleep(10_000));
    sleep(0);
    group.kill(GreenletExit, { block: false });
    expect(group.length).toBe(2);
    idle();
    expect(group.length).toBe(0);
  });

  // 211 Test(greenletset).test_kill_fires_once
  green("throws into each once, even into one that does not die of it", () => {
    const [a, b] = [undead(), undead()];
    sleep(0);
    const group = new Group(a.g, b.g);
    const shots = () => {
      idle();
      return [a.shots.count, b.shots.count];
    };
    group.killOne(a.g, GreenletExit, { block: false });
    expect(shots()).toEqual([1, 0]);
    group.killOne(a.g, GreenletExit, { block: false });
    group.killOne(a.g, GreenletExit, { timeout: 1 });
    expect(shots()).toEqual([1, 0]);
    group.kill(GreenletExit, { block: false });
    group.kill(new GreenletExit(), { block: false });
    expect(shots()).toEqual([1, 1]);
    expect(withTimeout(5, () => group.kill(), { timeoutValue: "undead" })).toBe("undead");
    group.kill(GreenletExit, { timeout: 5 });
    expect([shots(), group.length]).toEqual([[1, 1], 2]);
    a.g.kill(SpecialError);
    b.g.kill(SpecialError);
    expect([a.g.dead, b.g.dead, group.length]).toEqual([true, true, 0]);
  });

  // 212 Test(greenletset).test_killall_subclass
  green("with one that has failed is killed as any other", () => {
    const error = new Error("expected");
    const failing = spawn(() => {
      throw error;
    });
    const group = new Group(
      failing,
      spawn(() => sleep(10_000)),
    );
    sleep(0);
    group.kill();
    expect(group.length).toBe(0);
    idle();
    expect(takeReports()).toEqual([[error, failing]]);
  });

  green("kills those, too, that are added while it waits for the end of the others", () => {
    const group = new Group();
    let added: Greenlet | undefined;
    group.spawn(() => {
      try {
        sleep(10_000);
      } finally {
        added = group.spawn(() => sleep(10_000));
      }
    });
    sleep(0);
    group.kill();
    expect([group.length, added!.dead, added!.value]).toEqual([0, true, expect.any(GreenletExit)]);
  });

  green("leaves alone whom it does not have", () => {
    const g = spawn(() => sleep(10_000));
    const group = new Group();
    group.killOne(g);
    expect([g.ready(), group.discard(g)]).toEqual([false, false]);
    g.kill();
  });

  green("joins with the first error, of which nothing else is heard", () => {
    const error = new Error("first");
    const second = new Error("second");
    const group = new Group();
    group.spawn(() => sleep(1));
    group.spawn(() => {
      throw error;
    });
    const late = group.spawn(() => {
      sleep(1);
      throw second;
    });
    expect(thrownBy(() => group.join({ raiseError: true }))).toBe(error);
    expect(group.length).toBe(0);
    idle();
    expect(takeReports()).toEqual([[second, late]]);
  });

  green("whose joiner is killed reports the error that he would have had", () => {
    const error = new Error("nobody's");
    const group = new Group();
    const sleeper = group.spawn(() => sleep(10_000));
    const gate = new Event();
    const failing = group.spawn(() => {
      gate.wait();
      throw error;
    });
    const joiner = spawn(() => group.join({ raiseError: true }));
    sleep(0);
    gate.set();
    idle();
    expect(takeReports()).toEqual([]);
    joiner.kill();
    expect([takeReports(), joiner.get()]).toEqual([[[error, failing]], expect.any(GreenletExit)]);
    sleeper.kill();
    expect(sleeper.linkCount).toBe(0);
  });

  greenEach<[any]>([[Group], [Pool]], "has a word for everything that a pool has: %p", (Kind) => {
    const group = new Kind();
    expect([group.full(), group.waitAvailable() > 0]).toEqual([false, true]);
    expect([group.apply((x: number) => x, [1]), group.map((x: number) => x, [1, 2])]).toEqual([1, [1, 2]]);
    expect(group.applyAsync(() => 3).get()).toBe(3);
    expect([...group.imapUnordered((x: number) => x, [4])]).toEqual([4]);
  });
});
