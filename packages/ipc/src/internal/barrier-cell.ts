/** The shared state of a barrier. */
import { currentOwner, ownerLives } from "./owner.js";
import { type Attempt, Spin, wake } from "./waiting.js";

/*
 * Layout (Int32 words):
 *   0       parties     written once
 *   1       generation  the round that is open, wrapping
 *   2       bell        what waiters sleep on: SLEEPERS, and a number that each ring changes
 *   4 + k   round       the last generation g with g mod 64 = k: its tag (bits 25 to 31: g / 64 mod 128), its phase (22 to
 *                       24), and a number (0 to 21): how many have come, or the thread that runs the action
 *
 * Transitions of a round, each one atomic operation:
 *   open n     -> open n+1       a party comes
 *   open n     -> passed         the last comes, no action
 *   open n     -> acting tid     the last comes and runs the action
 *   acting tid -> passed         the action has returned
 *   open, acting -> broken       timed out, cancelled, aborted; the action threw, or who ran it is dead
 *   open, acting, broken -> reset
 * A round that is passed or reset is over: the next is opened, then `generation` moves on. Whoever sees the need does
 * it, so that it is no matter if the one who ended the round dies before. After each transition that decides something
 * the bell is rung; if that is lost with a killed process, sleepers look after each slice.
 *
 * INVARIANT: a party's fate is the phase of its own round, however late it looks: a round's word is used again 64 rounds
 * later, and by then it has passed or has been reset. Such a latecomer (more parties than `parties` use the barrier, and it
 * was not scheduled for 64 rounds) is told that it has passed.
 */
const PARTIES = 0;
const GENERATION = 1;
const BELL = 2;
const ROUNDS = 4;
const KEPT = 64;
const SLEEPERS = 0x80000000 | 0;
const EVERYBODY = 0x7fffffff;

export const BARRIER_BYTES = 4 * (ROUNDS + KEPT);
export const MOST_PARTIES = 2 ** 22 - 1;

export enum Phase {
  open,
  acting,
  passed,
  broken,
  reset,
}

function tagOf(generation: number): number {
  return (generation >>> 6) & 127;
}

function round(generation: number, phase: Phase, number: number): number {
  return (tagOf(generation) << 25) | (phase << 22) | number;
}

function indexOf(generation: number): number {
  return ROUNDS + (generation & (KEPT - 1));
}

/** What became of a party that came. */
interface Arrival {
  generation: number;
  rank: number;
  /** All have come, and nobody is left to wait for. */
  last: boolean;
  /** This party is to run the action. */
  acts: boolean;
  broken: boolean;
  /** An earlier round's action still runs: come again. */
  busy: boolean;
}

const arrived: Arrival = { generation: 0, rank: 0, last: false, acts: false, broken: false, busy: false };

export class BarrierCell {
  private readonly spin = new Spin();

  constructor(readonly words: Int32Array) {}

  initialize(parties: number): void {
    this.words[PARTIES] = parties;
  }

  get parties(): number {
    return this.words[PARTIES]!;
  }

  /** The round that is not over. */
  current(): { generation: number; word: number; phase: Phase; number: number } {
    for (;;) {
      const generation = Atomics.load(this.words, GENERATION);
      const word = Atomics.load(this.words, indexOf(generation));
      if (Atomics.load(this.words, GENERATION) !== generation) continue;
      const phase: Phase = (word >>> 22) & 7;
      if (phase !== Phase.passed && phase !== Phase.reset)
        return { generation, word, phase, number: word & MOST_PARTIES };
      this.advance(generation);
    }
  }

  /** One party comes. */
  arrive(withAction: boolean): Arrival {
    for (;;) {
      const { generation, word, phase, number: rank } = this.current();
      const arrival = { ...arrived, generation, rank };
      if (phase === Phase.broken) return { ...arrival, broken: true };
      if (phase === Phase.acting) return { ...arrival, busy: true };
      if (rank + 1 < this.parties) {
        if (this.change(generation, word, Phase.open, rank + 1)) return arrival;
      } else if (withAction) {
        if (this.change(generation, word, Phase.acting, currentOwner().tid)) return { ...arrival, acts: true };
      } else if (this.end(generation, word, Phase.passed)) return { ...arrival, last: true };
    }
  }

  /** The action is over; false if the round was decided meanwhile. */
  finish(generation: number, phase: Phase.passed | Phase.broken): boolean {
    return this.end(generation, round(generation, Phase.acting, currentOwner().tid), phase);
  }

  /** Breaks a round that still waits for a party; false if it does not. */
  breakIfIncomplete(generation: number): boolean {
    for (;;) {
      const now = this.current();
      if (now.generation !== generation || now.phase !== Phase.open) return false;
      if (this.end(generation, now.word, Phase.broken)) return true;
    }
  }

  abort(): void {
    for (;;) {
      const { generation, word, phase } = this.current();
      if (phase === Phase.broken || this.end(generation, word, Phase.broken)) return;
    }
  }

  reset(): void {
    for (;;) {
      const { generation, word, phase, number } = this.current();
      if (phase === Phase.open && number === 0) return;
      if (this.end(generation, word, Phase.reset)) return;
    }
  }

  /** What became of a round; undefined while it is not decided. */
  outcome(generation: number): Phase.passed | Phase.broken | undefined {
    const word = Atomics.load(this.words, indexOf(generation));
    // Read after the word: had the word been used again by then, this shows it.
    const late = (Atomics.load(this.words, GENERATION) - generation) | 0;
    if (late >= KEPT || word >>> 25 !== tagOf(generation)) return Phase.passed;
    const phase: Phase = (word >>> 22) & 7;
    if (phase === Phase.open || phase === Phase.acting) return undefined;
    return phase === Phase.passed ? phase : Phase.broken;
  }

  /** Waits until a round is decided. */
  decided(generation: number): Attempt<Phase.passed | Phase.broken> {
    return this.waitFor(generation, () => this.outcome(generation));
  }

  /** Waits until the action of a round is over. */
  notActing(generation: number): Attempt<true> {
    return this.waitFor(generation, () => (this.outcome(generation) === undefined ? undefined : true));
  }

  private waitFor<T>(generation: number, attempt: () => T | undefined): Attempt<T> {
    return {
      words: this.words,
      index: BELL,
      spin: this.spin,
      attempt,
      announce: () => this.announce(),
      recover: () => this.breakIfActorDied(generation),
    };
  }

  private announce(): number {
    const bell = Atomics.load(this.words, BELL);
    if (bell & SLEEPERS) return bell;
    Atomics.compareExchange(this.words, BELL, bell, bell | SLEEPERS);
    return bell | SLEEPERS;
  }

  // A thread's id is not given out again while a waiter looks every quarter of a second: the kernel goes through all
  // others first (alloc_pid in kernel/pid.c). So the id alone tells whether it lives.
  private breakIfActorDied(generation: number): void {
    const now = this.current();
    if (now.generation !== generation || now.phase !== Phase.acting || ownerLives(now.number, 0)) return;
    this.end(generation, now.word, Phase.broken);
  }

  private change(generation: number, from: number, phase: Phase, number: number): boolean {
    const to = round(generation, phase, number);
    return Atomics.compareExchange(this.words, indexOf(generation), from, to) === from;
  }

  /** A transition that decides the round: the next one opens where this is over, and waiters are woken. */
  private end(generation: number, from: number, phase: Phase): boolean {
    if (!this.change(generation, from, phase, 0)) return false;
    if (phase !== Phase.broken) this.advance(generation);
    this.ring();
    return true;
  }

  /** Opens the next round. Anybody may do it, also late: each step changes only what is still as it was. */
  private advance(generation: number): void {
    const next = (generation + 1) | 0;
    const word = Atomics.load(this.words, indexOf(next));
    // Looked at after the word: one that was read later than its own round would be the round of 64 further on.
    if (Atomics.load(this.words, GENERATION) !== generation) return;
    if (word >>> 25 !== tagOf(next)) this.open(next, word);
    Atomics.compareExchange(this.words, GENERATION, generation, next);
  }

  private open(generation: number, old: number): void {
    Atomics.compareExchange(this.words, indexOf(generation), old, round(generation, Phase.open, 0));
  }

  private ring(): void {
    let bell = Atomics.load(this.words, BELL);
    for (;;) {
      const seen = Atomics.compareExchange(this.words, BELL, bell, (bell + 1) & ~SLEEPERS);
      if (seen === bell) break;
      bell = seen;
    }
    if (bell & SLEEPERS) wake(this.words, BELL, EVERYBODY);
  }
}
