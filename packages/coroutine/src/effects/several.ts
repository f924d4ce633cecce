/** Several programs at a time. */
import { invalidType } from "@cordage/ipc/sys";
import { Effect, type Pending, type Waiter } from "../effect.js";
import type { Fiber, Program, Watcher } from "../internal/fiber.js";
import { fiberOf, resultOf, type Task } from "../task.js";
import { type TaskGroup, taskGroup } from "../task-group.js";

type Results<P extends readonly unknown[]> = { [K in keyof P]: P[K] extends Program<infer R> ? R : never };

function spawnAll(group: TaskGroup, programs: readonly Program[]): Task[] {
  return programs.map((program) => group.spawn(program));
}

/**
 * Runs programs as tasks of a group; what they returned, in their order.
 * @throws what one of them failed with, once the others are cancelled and have ended; an AggregateError of several
 */
export function all<const P extends readonly Program[]>(...programs: P): Generator<Effect<unknown>, Results<P>, any> {
  return taskGroup(function* (group) {
    const results: unknown[] = [];
    for (const task of spawnAll(group, programs)) results.push(yield* task.join());
    return results as Results<P>;
  });
}

/**
 * Runs programs as tasks of a group until the first one has ended; what that returned. The others are cancelled, and have
 * ended when this does.
 * @throws what the first one failed with; {TypeError} ERR_INVALID_ARG_TYPE for no programs
 */
export function race<const P extends readonly Program[]>(
  ...programs: P
): Generator<Effect<unknown>, Results<P>[number], any> {
  if (programs.length === 0) throw invalidType("race", "it needs one program at least", programs);
  return taskGroup(function* (group) {
    const first = yield* new FirstEnd(spawnAll(group, programs).map(fiberOf));
    group.cancel("another one was first");
    return resultOf(first) as Results<P>[number];
  });
}

class FirstEnd extends Effect<Fiber> {
  constructor(private readonly fibers: Fiber[]) {
    super();
  }

  begin(waiter: Waiter): Pending | undefined {
    const ended = this.fibers.find((fiber) => fiber.ended);
    if (!ended) return new Racing(this.fibers, waiter);
    waiter.settle(ended);
    return undefined;
  }
}

class Racing implements Pending, Watcher {
  constructor(
    private readonly fibers: Fiber[],
    private readonly waiter: Waiter,
  ) {
    for (const fiber of fibers) fiber.watch(this);
  }

  ended(fiber: Fiber): void {
    this.leave();
    this.waiter.settle(fiber);
  }

  leave(): void {
    for (const fiber of this.fibers) fiber.unwatch(this);
  }

  toString(): string {
    return `waiting for the first of ${this.fibers.length} tasks`;
  }
}
