/**
 * A stack of asynchronous executions, and of domains, for each greenlet.
 *
 * Whoever parks takes what is on Node's stack with him and puts it back when he goes on: it is empty at the beginning of each greenlet, and
 * whenever control goes from one to another. Without that, a greenlet that parks inside of a callback leaves its entry on top of what others
 * push and pop, for which Node ends the process: "async hook stack has become corrupted".
 */
import { AsyncResource } from "node:async_hooks";
import type { Domain } from "node:domain";
import { type AsyncWrap, findAsyncWrap } from "./async-wrap.js";

const wrap = findAsyncWrap();
/** The property is there once somebody has loaded node:domain. */
const process = globalThis.process as NodeJS.Process & { domain?: Domain | undefined };

/** A transfer that takes the stacks of whoever parks off, and puts them back. */
export function withOwnStacks<T, R>(transfer: (to: T) => R): (to: T) => R {
  const stack = wrap && new ExecutionStack(wrap);
  if (!stack) return transfer;
  return (to) => {
    const domains = process.domain ? leaveDomains() : undefined;
    const entries = stack.take();
    const result = transfer(to);
    stack.put(entries);
    if (domains) enterDomains(domains);
    return result;
  };
}

/** What a new greenlet runs in: the context of whoever makes it, as with every other asynchronous resource of Node. */
export function inherit(): AsyncResource | undefined {
  return wrap && new AsyncResource("Greenlet");
}

interface Entries {
  executionId: number;
  triggerId: number;
  /** Of what ran before the lowest entry. */
  lowestExecutionId: number;
  lowestTriggerId: number;
  lowest: object | undefined;
  /** Seldom any: a callback that was called by a callback. */
  others: Entry[];
}

interface Entry {
  executionId: number;
  triggerId: number;
  resource: object;
}

const NONE: Entry[] = [];

/** Node's only one. */
class ExecutionStack {
  readonly #wrap: AsyncWrap;
  readonly #fields: Uint32Array;
  readonly #now: Float64Array;
  readonly #resources: object[];
  readonly #length: number;
  readonly #executionId: number;
  readonly #triggerId: number;

  constructor(wrap: AsyncWrap) {
    this.#wrap = wrap;
    this.#fields = wrap.async_hook_fields;
    this.#now = wrap.async_id_fields;
    this.#resources = wrap.execution_async_resources;
    const { kStackLength, kExecutionAsyncId, kTriggerAsyncId } = wrap.constants;
    this.#length = kStackLength;
    this.#executionId = kExecutionAsyncId;
    this.#triggerId = kTriggerAsyncId;
  }

  /** Leaves it empty. */
  take(): Entries {
    const length = this.#fields[this.#length]!;
    const ids = this.#wrap.async_ids_stack;
    const entries: Entries = {
      executionId: this.#now[this.#executionId]!,
      triggerId: this.#now[this.#triggerId]!,
      lowestExecutionId: ids[0]!,
      lowestTriggerId: ids[1]!,
      lowest: length > 0 ? this.#resource(0) : undefined,
      others: length > 1 ? this.#others(length) : NONE,
    };
    this.#reset(0, 0, 0);
    return entries;
  }

  put({ executionId, triggerId, lowestExecutionId, lowestTriggerId, lowest, others }: Entries): void {
    this.#reset(lowest ? 1 + others.length : 0, executionId, triggerId);
    if (!lowest) return;
    const ids = this.#wrap.async_ids_stack;
    ids[0] = lowestExecutionId;
    ids[1] = lowestTriggerId;
    this.#resources.push(lowest);
    for (const other of others) {
      ids[2 * this.#resources.length] = other.executionId;
      ids[2 * this.#resources.length + 1] = other.triggerId;
      this.#resources.push(other.resource);
    }
  }

  #others(length: number): Entry[] {
    const ids = this.#wrap.async_ids_stack;
    const entryAt = (i: number) => ({
      executionId: ids[2 * i]!,
      triggerId: ids[2 * i + 1]!,
      resource: this.#resource(i),
    });
    return Array.from({ length: length - 1 }, (_, i) => entryAt(i + 1));
  }

  /** Node keeps those of its own callbacks where only a function finds them; what is put back is found in the array. */
  #resource(index: number): object {
    return this.#resources[index] ?? this.#wrap.executionAsyncResource(index) ?? {};
  }

  #reset(length: number, executionId: number, triggerId: number): void {
    while (this.#resources.length > 0) this.#resources.pop();
    this.#fields[this.#length] = length;
    this.#now[this.#executionId] = executionId;
    this.#now[this.#triggerId] = triggerId;
  }
}

interface Domains {
  active: Domain;
  entered: Domain[];
}

function leaveDomains(): Domains {
  const { _stack } = process.getBuiltinModule("node:domain") as unknown as { _stack: Domain[] };
  const domains = { active: process.domain!, entered: [..._stack] };
  for (const domain of domains.entered.toReversed()) domain.exit();
  process.domain = undefined;
  return domains;
}

function enterDomains({ active, entered }: Domains): void {
  for (const domain of entered) domain.enter();
  process.domain = active;
}
