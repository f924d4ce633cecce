/**
 * Random registrations, traffic and ends of sockets, seen by three selectors at once, which must agree with each other and with a model.
 * fast-check prints the seed and the path of a failing case; CORDAGE_SEED repeats it.
 */
import { type Ready, type Selector, SHUT_WR, type Socket, socketpair } from "@cordage/selectors";
import { thrownBy } from "@cordage/test-support";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { ReadinessModel } from "./support/readiness-model.js";
import { different } from "./support/selectors.js";

const PAIRS = 2;
const seed = process.env.CORDAGE_SEED === undefined ? undefined : Number(process.env.CORDAGE_SEED);

type Plain =
  | "unregister"
  | "send"
  | "fill"
  | "drain"
  | "finish"
  | "close"
  | "close first"
  | "abandon"
  | "reopen"
  | "look"
  | "wait";
type Act = { act: Plain; at: number } | { act: "register" | "modify"; at: number; events: number; data: number };

const at = fc.integer({ min: 0, max: 2 * PAIRS - 1 });
const plain = (weight: number, ...acts: Plain[]) => ({
  weight,
  arbitrary: fc.record<{ act: Plain; at: number }>({ act: fc.constantFrom(...acts), at }),
});
const registering = fc.record({
  act: fc.constantFrom("register" as const, "modify" as const),
  at,
  events: fc.integer({ min: 1, max: 3 }),
  data: fc.integer({ min: 0, max: 9 }),
});
const acts: fc.Arbitrary<Act[]> = fc.array(
  fc.oneof(
    { weight: 12, arbitrary: registering },
    plain(2, "unregister"),
    plain(8, "send", "drain"),
    plain(3, "fill"),
    plain(1, "finish"),
    plain(4, "close", "close first", "abandon"),
    plain(4, "reopen", "wait"),
    plain(4, "look"),
  ),
  { minLength: 10, maxLength: 80 },
);

/** The sockets, the selectors and the model, to which everything happens alike. */
class World {
  readonly model = new ReadinessModel(PAIRS);
  readonly selectors = different.map(([, Kind]) => new Kind() as Selector<number, Socket>);
  private readonly sockets: Socket[] = Array.from({ length: PAIRS }, pairOfNonBlocking).flat();
  private readonly copies: Socket[] = [];

  async perform(act: Act): Promise<void> {
    const { model } = this;
    const i = act.at;
    const socket = this.sockets[i]!;
    if (act.act === "register" || act.act === "modify" || act.act === "unregister") this.registration(act);
    else if (act.act === "look") this.check();
    else if (act.act === "wait") await this.waited();
    else if (act.act === "reopen") this.reopen(i);
    else if (act.act === "send" && model.maySend(i)) model.send(i, socket.send("x"));
    else if (act.act === "fill" && model.mayFill(i)) this.fill(i);
    else if (act.act === "drain" && model.isOpen(i)) expect(drained(socket)).toBe(model.drain(i));
    else if (act.act === "finish" && model.mayFinish(i)) {
      socket.shutdown(SHUT_WR);
      model.at(i).finished = true;
    } else if (model.isOpen(i) && isEnd(act.act)) this.end(i, act.act);
  }

  private registration(act: Act): void {
    const known = this.model.at(act.at).registered !== undefined;
    const socket = this.sockets[act.at]!;
    if (!this.model.isOpen(act.at)) return;
    const allowed = known === (act.act !== "register");
    for (const selector of this.selectors) {
      const call = (): unknown =>
        act.act === "register" || act.act === "modify"
          ? selector[act.act](socket, act.events, act.data)
          : selector.unregister(socket);
      if (allowed) call();
      else expect(thrownBy(call).code).toBe(known ? "ERR_ALREADY_REGISTERED" : "ERR_NOT_REGISTERED");
    }
    if (!allowed) return;
    this.model.at(act.at).registered = "data" in act ? { events: act.events, data: act.data } : undefined;
  }

  private fill(i: number): void {
    const { model } = this;
    const chunk = Buffer.alloc(1 << 16);
    for (;;) {
      try {
        model.send(i, this.sockets[i]!.send(chunk));
      } catch (error) {
        expect(error).toMatchObject({ code: "EAGAIN" });
        break;
      }
    }
    model.at(i).full = true;
  }

  private end(i: number, act: "close" | "close first" | "abandon"): void {
    const socket = this.sockets[i]!;
    const unregister = (): void => {
      if (this.model.at(i).registered) for (const selector of this.selectors) selector.unregister(socket);
    };
    if (act === "abandon") this.copies.push(socket.dup());
    if (act === "close") unregister();
    socket.close();
    if (act !== "close") unregister();
    this.model.close(i, act === "abandon" ? "abandoned" : "closed");
  }

  /** Another pair takes the place of one, and its numbers, while the files of the old one are open elsewhere. */
  private reopen(i: number): void {
    const open = [i, i ^ 1].filter((side) => this.model.isOpen(side));
    for (const side of open) this.copies.push(this.sockets[side]!.dup());
    for (const side of open) this.end(side, "close first");
    [this.sockets[i], this.sockets[i ^ 1]] = pairOfNonBlocking();
    this.model.reopen(i);
  }

  private async waited(): Promise<void> {
    const expected = this.expected();
    for (const selector of this.selectors)
      expect(found(await selector.selectAsync({ timeout: expected.length > 0 ? 60_000 : 1 }))).toEqual(expected);
  }

  private expected(): string[] {
    return this.model.ready().map(String).sort();
  }

  check(): void {
    const expected = this.expected();
    const registered = this.model.registrations().sort();
    for (const selector of this.selectors) {
      expect(found(selector.select(0))).toEqual(expected);
      if (expected.length > 0) expect(found(selector.select())).toEqual(expected);
      expect([...selector.getMap().values()].map(({ data }) => data).sort()).toEqual(registered);
    }
  }

  close(): void {
    for (const one of [...this.selectors, ...this.sockets, ...this.copies]) one.close();
  }
}

const isEnd = (act: Act["act"]): act is "close" | "close first" | "abandon" =>
  act === "close" || act === "close first" || act === "abandon";

function found(ready: Array<Ready<Socket, number>>): string[] {
  return ready.map(([{ data }, events]) => String([data, events])).sort();
}

function pairOfNonBlocking(): [Socket, Socket] {
  const sockets = socketpair();
  for (const socket of sockets) socket.setBlocking(false);
  return sockets;
}

function drained(socket: Socket): number {
  for (let sum = 0; ; ) {
    try {
      const { length } = socket.recv(1 << 20);
      if (length === 0) return sum;
      sum += length;
    } catch (error) {
      const { code } = error as { code: string };
      if (code === "EAGAIN") return sum;
      if (code !== "ECONNRESET") throw error; // which is said once, before what is left
    }
  }
}

test("three selectors find what a model says, whatever happens to the sockets", async () => {
  await fc.assert(
    fc.asyncProperty(acts, async (steps) => {
      const world = new World();
      try {
        for (const step of steps) await world.perform(step);
        world.check();
      } finally {
        world.close();
      }
    }),
    { numRuns: 400, seed },
  );
});
