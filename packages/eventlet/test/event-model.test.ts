/**
 * Random programs of greenthreads that wait for one event, send, reset and kill: whoever waits has what was sent first since. fast-check prints the seed
 * and the path of a failing program; CORDAGE_SEED repeats it.
 */
import { Event, EventletError, GreenletExit, type GreenThread, run, sleep, spawn } from "@cordage/eventlet";
import { seed } from "@cordage/test-support";
import { tryAll } from "@cordage/test-support/programs";
import { expect, test } from "@jest/globals";
import fc from "fast-check";

type Plain = "wait" | "waitSoon" | "send" | "fail" | "reset" | "sleep";
type Step = { do: Plain } | { do: "kill"; who: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      do: fc.constantFrom<Plain>("wait", "wait", "waitSoon", "send", "fail", "reset", "sleep"),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("kill" as const), who: fc.nat(5) }) },
);
const bodies = fc.array(fc.array(step, { maxLength: 8 }), { minLength: 2, maxLength: 6 });

interface Wait {
  expected: number | undefined;
}

class World {
  readonly event = new Event<number>();
  private last: number | undefined;
  private sent = 0;
  private readonly waiting = new Set<Wait>();
  private readonly threads: GreenThread[];

  constructor(all: Step[][]) {
    this.threads = all.map((steps) => spawn(() => this.live(steps)));
  }

  /** Those that wait in vain are killed. */
  execute(): void {
    for (const one of this.threads) {
      sleep(2);
      one.kill();
    }
    for (const one of this.threads) this.allow(() => one.wait());
    expect([this.waiting.size, String(this.event)]).toEqual([0, expect.stringMatching(/ 0 waiting>$/)]);
  }

  private live(steps: Step[]): void {
    for (const one of steps) this.perform(one);
  }

  private perform(one: Step): void {
    if ("who" in one) this.threads[one.who % this.threads.length]!.kill();
    else if (one.do === "wait" || one.do === "waitSoon") this.wait(one.do === "waitSoon" ? { timeout: 1 } : undefined);
    else if (one.do === "send") this.allow(() => this.event.send(this.next())) && this.note(this.sent);
    else if (one.do === "fail") this.allow(() => this.event.sendException(this.next())) && this.note(this.sent);
    else if (one.do === "reset") this.allow(() => this.event.reset()) && this.forget();
    else sleep(0);
  }

  private next(): number {
    return this.sent + 1;
  }

  private note(value: number): void {
    this.sent = value + 1;
    this.last = this.sent;
    for (const one of this.waiting) one.expected ??= this.last;
  }

  private forget(): void {
    this.last = undefined;
  }

  /** What is sent is a number, thrown or not. */
  private wait(options: { timeout: number } | undefined): void {
    const mine: Wait = { expected: this.event.ready() ? this.last : undefined };
    this.waiting.add(mine);
    try {
      expect(this.event.wait(options)).toBe(mine.expected);
    } catch (error) {
      if (typeof error !== "number") throw error;
      expect(error).toBe(mine.expected);
    } finally {
      this.waiting.delete(mine);
    }
  }

  /** False if it was refused. */
  private allow(call: () => void): boolean {
    try {
      call();
      return true;
    } catch (error) {
      if (error instanceof EventletError || error instanceof GreenletExit) return false;
      throw error;
    }
  }
}

test(`whoever waits for an event has what was sent first since (seed ${seed})`, async () => {
  await tryAll(bodies, 200, (all) => run(() => new World(all).execute()));
});
