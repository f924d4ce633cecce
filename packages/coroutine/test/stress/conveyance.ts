// Producers and consumers of several channels; some are cancelled, channels are closed, patience is limited.

import {
  Channel,
  ChannelClosedError,
  type Effect,
  select,
  sleep,
  type Task,
  type TaskGroup,
  taskGroup,
  timeout,
} from "@cordage/coroutine";
import { TimeoutError } from "@cordage/ipc";
import { expect } from "@jest/globals";
import type { Wait, World } from "../support/world.js";

interface Parcel {
  from: number;
  number: number;
}

const EACH = 12;
const CAPACITIES = [0, 0, 1, 2, 3, Number.POSITIVE_INFINITY];
const nameOf = ({ from, number }: Parcel) => `${from}.${number}`;

/** Runs one; what was put has been taken or is left, once. */
export async function convey(world: World): Promise<string[]> {
  const conveyance = new Conveyance(world);
  const trace = await world.run(() => conveyance.run());
  conveyance.check();
  return trace;
}

class Conveyance {
  private readonly channels: Array<Channel<Parcel>>;
  private readonly put: string[] = [];
  private readonly taken: string[] = [];
  private live = 0;

  constructor(private readonly world: World) {
    this.channels = Array.from({ length: 1 + world.below(3) }, () => new Channel(world.pick(CAPACITIES)));
  }

  *run(): Wait {
    const { world } = this;
    yield* taskGroup((group) => this.body(group));
    expect(this.live).toBe(0);
    world.note("all have ended");
  }

  private *body(group: TaskGroup): Wait {
    const { world } = this;
    const tasks: Task[] = [];
    for (let i = world.below(5); i >= 0; i--) tasks.push(group.spawn(this.counted(`producer ${i}`, this.produce(i))));
    for (let i = world.below(5); i >= 0; i--) tasks.push(group.spawn(this.counted(`consumer ${i}`, this.consume())));
    for (let i = world.below(4); i > 0; i--) {
      yield* world.pause();
      world.pick(tasks).cancel();
    }
    if (world.chance(30)) this.channels[0]!.close();
    yield* sleep(50 + world.below(100));
    if (world.chance(50)) group.cancel();
    else for (const channel of this.channels) channel.close();
  }

  private *counted(name: string, program: Wait): Wait {
    this.live++;
    try {
      yield* program;
    } finally {
      this.live--;
      this.world.note(`${name} has ended`);
    }
  }

  // --- producers

  private *produce(from: number): Wait {
    for (let number = 0; number < EACH; number++) {
      yield* this.world.pause();
      const parcel = { from, number };
      try {
        if (!(yield* this.send(parcel))) continue;
      } catch (error) {
        if (!(error instanceof ChannelClosedError)) throw error;
        expect(error.item).toBe(parcel);
        continue;
      }
      this.put.push(nameOf(parcel));
      this.world.note(`put ${nameOf(parcel)}`);
    }
  }

  /** Whether it was put. */
  private *send(parcel: Parcel): Wait<boolean> {
    const { world, channels } = this;
    const kind = world.below(5);
    if (kind === 0) yield* world.pick(channels).put(parcel);
    else if (kind === 4) return yield* this.exchange(parcel);
    else if (kind === 1) yield* select(...channels.map((channel) => channel.put(parcel)));
    else if (kind === 2) return (yield* select(world.pick(channels).put(parcel), sleep(world.below(10)))).index === 0;
    else return yield* this.inTime(world.pick(channels).put(parcel));
    return true;
  }

  /** Puts the parcel, or takes one of somebody else. */
  private *exchange(parcel: Parcel): Wait<boolean> {
    const channel = this.world.pick(this.channels);
    const { value } = yield* select(channel.put(parcel), channel.next());
    if (value?.done === false) this.take(channel, value.value, new Map());
    return !value;
  }

  private *inTime(effect: Effect<void>): Wait<boolean> {
    try {
      yield* timeout(this.world.below(10), effect);
      return true;
    } catch (error) {
      if (error instanceof TimeoutError) return false;
      throw error;
    }
  }

  // --- consumers

  private *consume(): Wait {
    const newest = new Map<string, number>();
    for (const open = new Set(this.channels); open.size > 0; ) {
      yield* this.world.pause();
      const channels = this.world.chance(50) ? [...open] : [this.world.pick([...open])];
      const patience = this.world.chance(30) ? [sleep(this.world.below(10))] : [];
      const { index, value } = yield* select(...channels.map((channel) => channel.next()), ...patience);
      if (!value) continue;
      if (value.done) open.delete(channels[index]!);
      else this.take(channels[index]!, value.value, newest);
    }
  }

  /** From each producer, through each channel, in the order in which they were put. */
  private take(channel: Channel<Parcel>, parcel: Parcel, newest: Map<string, number>): void {
    const line = `${this.channels.indexOf(channel)} ${parcel.from}`;
    expect(parcel.number).toBeGreaterThan(newest.get(line) ?? -1);
    newest.set(line, parcel.number);
    this.taken.push(nameOf(parcel));
    this.world.note(`took ${nameOf(parcel)}`);
  }

  // --- afterwards

  check(): void {
    for (const channel of this.channels) {
      for (let there = channel.tryTake(); there; there = channel.tryTake()) this.taken.push(nameOf(there.value));
      const nobody = !channel.closed && channel.capacity === 0;
      if (nobody) expect(channel.tryPut({ from: -1, number: 0 })).toBe(false);
    }
    expect(this.taken.sort()).toEqual(this.put.sort());
  }
}
