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
import type { Kept } from "./native.js";

/** The property is there once somebody has loaded node:domain. */
const process = globalThis.process as NodeJS.Process & { domain?: Domain | undefined };

/**
 * A transfer that keeps the stacks of whoever parks, and puts them back.
 *
 * A time limit of node:vm may end JavaScript here, and go on in a caller that has to find his stack. V8 looks at limits where a function begins,
 * builtin ones too, and where a loop goes round: hence what puts back is one piece without either, and what cannot be is native.
 */
export function withOwnStacks<T, R>(transfer: (to: T, kept: Kept | undefined) => R): (to: T) => R {
  if (!stack) return (to) => transfer(to, undefined);
  const { wrap, fields, now, resources, at } = stack;
  return (to) => {
    const domains = leaveDomains();
    const { length, executionId, triggerId, defaultTriggerId, lowest, second, all } = stack.entries();
    const result = transfer(to, all);
    if (resources.length > length) resources.length = length;
    fields[at.kStackLength] = length;
    now[at.kExecutionAsyncId] = executionId;
    now[at.kTriggerAsyncId] = triggerId;
    now[at.kDefaultTriggerAsyncId] = defaultTriggerId;
    const ids = wrap.async_ids_stack;
    if (lowest) {
      ids[0] = lowest.executionId;
      ids[1] = lowest.triggerId;
      resources[0] = lowest.resource;
    }
    if (second) {
      ids[2] = second.executionId;
      ids[3] = second.triggerId;
      resources[1] = second.resource;
    }
    leaveDomains(); // of one that has ended within them
    if (domains) enterDomains(domains);
    return result;
  };
}

/** What a new greenlet begins with: what is there is somebody else's, who keeps it. */
export function beginStacks(): void {
  stack?.clear();
  leaveDomains();
}

/** What a new greenlet runs in: the context of whoever makes it, as with every other asynchronous resource of Node. */
export function inherit(): AsyncResource | undefined {
  return wrap && new AsyncResource("Greenlet");
}

interface Entries {
  length: number;
  executionId: number;
  triggerId: number;
  /** What triggers what is made now, while Node says so; otherwise {@link NO_DEFAULT}. */
  defaultTriggerId: number;
  lowest: Entry | undefined;
  /** Immediates and timers have two: their own, above that of the event loop's call. */
  second: Entry | undefined;
  /** Where there are more, which is seldom: a callback that was called by a callback. */
  all: Kept | undefined;
}

const NO_DEFAULT = -1;

interface Entry {
  /** Of what ran before. */
  executionId: number;
  triggerId: number;
  resource: object;
}

/** Node's only one. Each switch keeps it and puts it back: with two entries at most that costs some loads and stores. */
class ExecutionStack {
  readonly wrap: AsyncWrap;
  readonly fields: Uint32Array;
  readonly now: Float64Array;
  readonly resources: object[];
  /** Where in the arrays a number is. */
  readonly at: AsyncWrap["constants"];

  constructor(wrap: AsyncWrap) {
    this.wrap = wrap;
    this.fields = wrap.async_hook_fields;
    this.now = wrap.async_id_fields;
    this.resources = wrap.execution_async_resources;
    const { kStackLength, kTotals, kExecutionAsyncId, kTriggerAsyncId, kDefaultTriggerAsyncId } = wrap.constants;
    this.at = { kStackLength, kTotals, kExecutionAsyncId, kTriggerAsyncId, kDefaultTriggerAsyncId };
  }

  /** Whether somebody listens to asynchronous executions; domains do, from the first one on. */
  get hasHooks(): boolean {
    return this.fields[this.at.kTotals]! > 0;
  }

  entries(): Entries {
    const length = this.fields[this.at.kStackLength]!;
    return {
      length,
      executionId: this.now[this.at.kExecutionAsyncId]!,
      triggerId: this.now[this.at.kTriggerAsyncId]!,
      defaultTriggerId: this.now[this.at.kDefaultTriggerAsyncId]!,
      lowest: length > 0 ? this.#entry(0) : undefined,
      second: length > 1 ? this.#entry(1) : undefined,
      all: length > 2 ? this.#all(length) : undefined,
    };
  }

  #entry(index: number): Entry {
    const ids = this.wrap.async_ids_stack;
    return { executionId: ids[2 * index]!, triggerId: ids[2 * index + 1]!, resource: this.#resource(index) };
  }

  #all(length: number): Kept {
    const resources = Array.from({ length }, (_, index) => this.#resource(index));
    return [this.wrap, [...this.wrap.async_ids_stack.subarray(0, 2 * length)], resources];
  }

  clear(): void {
    this.resources.length = 0;
    this.fields[this.at.kStackLength] = 0;
    this.now[this.at.kExecutionAsyncId] = 0;
    this.now[this.at.kTriggerAsyncId] = 0;
    this.now[this.at.kDefaultTriggerAsyncId] = NO_DEFAULT;
  }

  /** Node keeps those of its own callbacks where only a function finds them; what is put back is found in the array. */
  #resource(index: number): object {
    return this.resources[index] ?? this.wrap.executionAsyncResource(index) ?? {};
  }
}

const wrap = findAsyncWrap();
const stack = wrap && new ExecutionStack(wrap);

interface Domains {
  active: Domain;
  entered: Domain[];
}

/** Undefined where none is active. */
function leaveDomains(): Domains | undefined {
  if (!stack?.hasHooks || !process.domain) return undefined;
  const { _stack } = process.getBuiltinModule("node:domain") as unknown as { _stack: Domain[] };
  const domains = { active: process.domain, entered: [..._stack] };
  for (const domain of domains.entered.toReversed()) domain.exit();
  process.domain = undefined;
  return domains;
}

function enterDomains({ active, entered }: Domains): void {
  for (const domain of entered) domain.enter();
  process.domain = active;
}
