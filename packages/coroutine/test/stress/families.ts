// Groups in groups whose tasks fail, are cancelled, are late, join each other, and take their time to clean up.

import {
  all,
  Cancelled,
  cancelled,
  race,
  sleep,
  type Task,
  TaskCancelledError,
  type TaskGroup,
  taskGroup,
  timeout,
} from "@cordage/coroutine";
import { TimeoutError } from "@cordage/ipc";
import { expect } from "@jest/globals";
import type { Wait, World } from "../support/world.js";

class Failure extends Error {}

const DEPTH = 4;

/** Runs one; each failure has come to its group once, or to those who joined the task. */
export async function growFamily(world: World): Promise<string[]> {
  const family = new Family(world);
  const trace = await world.run(() => family.run());
  family.check();
  return trace;
}

class Family {
  private readonly failures: Failure[] = [];
  /** How often. */
  private readonly reported = new Map<unknown, number>();
  private readonly joined = new Map<unknown, number>();
  private members = 0;

  constructor(private readonly world: World) {}

  *run(): Wait {
    yield* this.group(DEPTH);
    this.world.note("all have ended");
  }

  private *group(depth: number): Wait {
    const live = new Set<number>();
    let group: TaskGroup | undefined;
    try {
      yield* taskGroup((made) => {
        group = made;
        return this.body(made, depth, live);
      });
    } catch (error) {
      if (error instanceof Cancelled) throw error;
      this.report(error);
    } finally {
      expect(group!.size).toBe(0);
      expect([...live]).toEqual([]);
    }
  }

  private *body(group: TaskGroup, depth: number, live: Set<number>): Wait {
    const { world } = this;
    const tasks: Task[] = [];
    for (let i = world.below(5); i >= 0; i--) {
      const spawned = group.spawn(this.member(depth - 1, live, [...tasks]), { priority: world.below(3) - 1 });
      tasks.push(spawned);
    }
    yield* world.pause();
    if (world.chance(30)) world.pick(tasks).cancel();
    if (world.chance(40)) yield* this.join(world.pick(tasks));
    if (world.chance(10)) group.cancel();
    if (world.chance(10)) this.fail();
    if (world.chance(30)) yield* sleep(world.below(50));
  }

  private *several(depth: number): Wait {
    const live = new Set<number>();
    const programs = Array.from({ length: 2 + this.world.below(3) }, () => this.member(depth - 1, live, []));
    try {
      yield* this.world.chance(50) ? all(...programs) : race(...programs);
    } catch (error) {
      if (error instanceof Cancelled) throw error;
      this.report(error);
    } finally {
      expect([...live]).toEqual([]);
    }
  }

  private *member(depth: number, live: Set<number>, siblings: Task[]): Wait {
    const { world } = this;
    const id = this.members++;
    live.add(id);
    world.note(`${id} begins`);
    try {
      yield* this.live(depth, siblings);
    } finally {
      yield* this.cleanUp();
      live.delete(id);
      world.note(`${id} ends`);
    }
  }

  private *live(depth: number, siblings: Task[]): Wait {
    const { world } = this;
    yield* world.pause();
    const kind = world.below(7);
    if (kind === 0) this.fail();
    if (kind === 1 && siblings.length > 0) yield* this.join(world.pick(siblings));
    if (kind === 2 && siblings.length > 0) world.pick(siblings).cancel();
    if (kind >= 3 && depth > 0) yield* this.maybeInTime(kind === 6 ? this.several(depth) : this.group(depth));
    yield* this.sleepUncancelled();
  }

  /** A cancellation that came before is thrown here at the latest. */
  private *sleepUncancelled(): Wait {
    const before = yield* cancelled();
    yield* sleep(this.world.below(30));
    expect(before).toBe(false);
  }

  /** Takes its time, even if it is cancelled meanwhile. */
  private *cleanUp(): Wait {
    if (this.world.chance(70)) return;
    try {
      yield* sleep(this.world.below(10));
    } catch (error) {
      this.world.note("cancelled while it cleans up");
      if (!(error instanceof Cancelled)) throw error;
    }
  }

  private *maybeInTime(program: Wait): Wait {
    if (this.world.chance(50)) return yield* program;
    try {
      yield* timeout(this.world.below(40), program);
    } catch (error) {
      if (!(error instanceof TimeoutError)) throw error;
      this.world.note("it is late");
    }
  }

  private *join(task: Task): Wait {
    try {
      yield* task.join();
    } catch (error) {
      if (error instanceof Cancelled) throw error;
      if (!(error instanceof TaskCancelledError)) count(this.joined, error);
    }
  }

  private fail(): never {
    const failure = new Failure(`failure ${this.failures.length}`);
    this.failures.push(failure);
    this.world.note(failure.message);
    throw failure;
  }

  private report(error: unknown): void {
    for (const one of error instanceof AggregateError ? error.errors : [error]) {
      if (!(one instanceof Failure)) throw one;
      count(this.reported, one);
      this.world.note(`${one.message} is reported`);
    }
  }

  check(): void {
    for (const failure of this.failures) {
      const reported = this.reported.get(failure) ?? 0;
      if (!this.joined.has(failure)) expect([failure.message, reported]).toEqual([failure.message, 1]);
      expect(reported).toBeLessThanOrEqual(1);
    }
  }
}

function count(counts: Map<unknown, number>, what: unknown): void {
  counts.set(what, (counts.get(what) ?? 0) + 1);
}
