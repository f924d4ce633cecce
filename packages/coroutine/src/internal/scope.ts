/**
 * Tasks that belong together: nothing ends before all of them have. An error that nobody waits for cancels the others.
 */
import { invalidType } from "@cordage/ipc/sys";
import { Cancelled } from "../errors.js";
import { Fiber, type Program } from "./fiber.js";
import { isPromise } from "./is-promise.js";
import type { Machine } from "./machine.js";

export interface SpawnOptions {
  /** How it is called in messages. Default: the name of the function, or its number. */
  name?: string;
  /** In each round, those with a higher one have their turns first. Default: 0. */
  priority?: number;
}

/** Whoever a scope belongs to. */
export interface Owner {
  /** A task failed: the others have been cancelled. */
  failed(error: unknown): void;
  /** The last task has ended; more may come. */
  emptied(): void;
}

export class Scope {
  private first: Fiber | undefined = undefined;
  size = 0;

  constructor(
    readonly machine: Machine,
    private readonly owner: Owner,
  ) {
    machine.scopes.add(this);
  }

  /** It is empty, and will be. */
  close(): void {
    this.machine.scopes.delete(this);
  }

  spawn<R>(program: Program<R> | (() => Program<R>), { name, priority = 0 }: SpawnOptions = {}): Fiber {
    const iterator = iteratorOf(program);
    if (typeof priority !== "number" || Number.isNaN(priority))
      throw invalidType("spawn a task", "priority must be a number", priority);
    const number = ++this.machine.spawned;
    const fiber = new Fiber(this, iterator, name ?? (nameOf(program) || number), priority);
    this.add(fiber);
    this.machine.enqueue(fiber);
    return fiber;
  }

  private add(fiber: Fiber): void {
    fiber.next = this.first;
    if (this.first) this.first.previous = fiber;
    this.first = fiber;
    this.size++;
  }

  private remove(fiber: Fiber): void {
    const { previous, next } = fiber;
    if (previous) previous.next = next;
    else this.first = next;
    if (next) next.previous = previous;
    fiber.previous = undefined;
    fiber.next = undefined;
    this.size--;
  }

  /** @param claimed whether somebody waits for it, who gets its error */
  ended(fiber: Fiber, claimed: boolean): void {
    this.remove(fiber);
    const { failed, cancelled, value } = fiber.outcome;
    if (failed && !cancelled && !claimed) {
      this.cancel(new Cancelled(value));
      this.owner.failed(value);
    }
    if (this.size === 0) this.owner.emptied();
  }

  cancel(cancellation: Cancelled): void {
    for (const fiber of this.members()) fiber.cancel(cancellation);
  }

  /** Those that came first, first. */
  members(): Fiber[] {
    const members: Fiber[] = [];
    for (let fiber = this.first; fiber; fiber = fiber.next) members.push(fiber);
    return members.reverse();
  }
}

/** What to throw for errors that came together. */
export function oneOf(errors: unknown[]): unknown {
  return errors.length === 1 ? errors[0] : new AggregateError(errors, `${errors.length} tasks failed`);
}

function iteratorOf(program: unknown): Iterator<unknown, unknown, any> {
  const made = typeof program === "function" ? program() : program;
  const iterator = (made as Program | undefined)?.[Symbol.iterator]?.();
  if (typeof made === "object" && typeof iterator?.next === "function") return iterator;
  throw invalidType("spawn a task", isPromise(made) ? PROMISE : NEEDED, made);
}

const NEEDED = "it needs a generator, such as a generator function returns, or a coroutine";
const PROMISE = "a promise, and what an async function returns, is waited for within a task: yield* call(promise)";

function nameOf(program: unknown): string {
  const { name } = program as { name?: unknown };
  return typeof name === "string" ? name : "";
}
