/** A program that must end in time. */
import { TimeoutError } from "@cordage/ipc";
import { invalidType } from "@cordage/ipc/sys";
import type { Effect } from "../effect.js";
import { Cancelled } from "../errors.js";
import { currentFiber, type Fiber, type Program } from "../internal/fiber.js";
import type { Timer } from "../internal/timers.js";

/**
 * Runs a program in this task, for `ms` milliseconds at the most; what it returned. When they are over, {@link Cancelled} is thrown in
 * it where it waits, so that it can clean up.
 * @throws {TimeoutError} ERR_TIMEOUT; what the program throws; {TypeError} ERR_INVALID_ARG_TYPE
 *
 * @example
 * const answer = yield* timeout(1000, ask(question));
 */
export function* timeout<R>(ms: number, program: Program<R>): Generator<Effect<unknown>, R, any> {
  if (typeof ms !== "number" || Number.isNaN(ms))
    throw invalidType("set a timeout", "ms must be a number of milliseconds", ms);
  const fiber = currentFiber("set a timeout");
  const { machine } = fiber;
  const late = new Cancelled(`it did not end within ${ms} ms`);
  const deadline = new Deadline(fiber, late);
  machine.ringAfter(ms, deadline);
  try {
    return yield* program as Iterable<Effect<unknown>, R, any>;
  } catch (error) {
    if (error !== late) throw error;
    throw new TimeoutError(`cannot go on with ${fiber.name}: ${late.cause}`);
  } finally {
    machine.removeTimer(deadline);
    fiber.forget(late);
  }
}

class Deadline implements Timer {
  at = 0;
  order = 0;
  index = -1;

  constructor(
    private readonly fiber: Fiber,
    private readonly late: Cancelled,
  ) {}

  ring(): void {
    this.fiber.interrupt(this.late);
  }
}
