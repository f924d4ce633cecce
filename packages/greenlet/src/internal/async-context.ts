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

/** The property is there once somebody has loaded node:domain. */
const process = globalThis.process as NodeJS.Process & { domain?: Domain | undefined };

/** A transfer that keeps the stacks of whoever parks, and puts them back. */
export function withOwnStacks<T, R>(transfer: (to: T) => R): (to: T) => R {
  if (!stack) return transfer;
  return (to) => {
    const domains = stack.hasHooks && process.domain ? leaveDomains() : undefined;
    const entries = stack.entries();
    const result = transfer(to);
    stack.put(entries);
    if (domains) enterDomains(domains);
    return result;
  };
}

/** What a new greenlet begins with: what is there is somebody else's, who keeps it. */
export function beginStacks(): void {
  stack?.clear();
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
  others: Entry[] | undefined;
}

interface Entry {
  executionId: number;
  triggerId: number;
  resource: object;
}

/** Node's only one. Each switch keeps and puts: with one entry, or none, that costs a dozen loads and stores. */
class ExecutionStack {
  readonly #wrap: AsyncWrap;
  readonly #fields: Uint32Array;
  readonly #now: Float64Array;
  readonly #resources: object[];
  readonly #length: number;
  readonly #hooks: number;
  readonly #executionId: number;
  readonly #triggerId: number;

  constructor(wrap: AsyncWrap) {
    this.#wrap = wrap;
    this.#fields = wrap.async_hook_fields;
    this.#now = wrap.async_id_fields;
    this.#resources = wrap.execution_async_resources;
    const { kStackLength, kTotals, kExecutionAsyncId, kTriggerAsyncId } = wrap.constants;
    this.#length = kStackLength;
    this.#hooks = kTotals;
    this.#executionId = kExecutionAsyncId;
    this.#triggerId = kTriggerAsyncId;
  }

  /** Whether somebody listens to asynchronous executions; domains do, from the first one on. */
  get hasHooks(): boolean {
    return this.#fields[this.#hooks]! > 0;
  }

  entries(): Entries {
    const length = this.#fields[this.#length]!;
    const ids = this.#wrap.async_ids_stack;
    return {
      executionId: this.#now[this.#executionId]!,
      triggerId: this.#now[this.#triggerId]!,
      lowestExecutionId: ids[0]!,
      lowestTriggerId: ids[1]!,
      lowest: length > 0 ? this.#resource(0) : undefined,
      others: length > 1 ? this.#others(length) : undefined,
    };
  }

  clear(): void {
    this.#reset(0, 0, 0);
  }

  put({ executionId, triggerId, lowestExecutionId, lowestTriggerId, lowest, others }: Entries): void {
    this.#reset(lowest ? 1 : 0, executionId, triggerId);
    if (!lowest) return;
    const ids = this.#wrap.async_ids_stack;
    ids[0] = lowestExecutionId;
    ids[1] = lowestTriggerId;
    this.#resources[0] = lowest;
    if (others) this.#push(others, ids);
  }

  /** Those above the lowest: in a callback of a timer there is one. */
  #others(length: number): Entry[] {
    const ids = this.#wrap.async_ids_stack;
    const others: Entry[] = [];
    for (let i = 1; i < length; i++)
      others.push({ executionId: ids[2 * i]!, triggerId: ids[2 * i + 1]!, resource: this.#resource(i) });
    return others;
  }

  #push(others: Entry[], ids: Float64Array): void {
    for (const { executionId, triggerId, resource } of others) {
      ids[2 * this.#resources.length] = executionId;
      ids[2 * this.#resources.length + 1] = triggerId;
      this.#resources.push(resource);
    }
    this.#fields[this.#length] = this.#resources.length;
  }

  /** Node keeps those of its own callbacks where only a function finds them; what is put back is found in the array. */
  #resource(index: number): object {
    return this.#resources[index] ?? this.#wrap.executionAsyncResource(index) ?? {};
  }

  #reset(length: number, executionId: number, triggerId: number): void {
    while (this.#resources.length > length) this.#resources.pop();
    this.#fields[this.#length] = length;
    this.#now[this.#executionId] = executionId;
    this.#now[this.#triggerId] = triggerId;
  }
}

const wrap = findAsyncWrap();
const stack = wrap && new ExecutionStack(wrap);

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
