/**
 * The echo server of the examples, in a process of its own, among clients that behave badly: it serves the others meanwhile, and holds
 * in the end what it held at the beginning. CORDAGE_SEED=n repeats what a failure names.
 */
import type { Socket } from "@cordage/selectors";
import { endLeftOver, type Running, seeded, until } from "@cordage/test-support";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { fleeting, greedy, honest, type Place, rude, silent, slow } from "../support/clients.js";
import { start } from "../support/fixture.js";

afterAll(endLeftOver);

const MEGABYTE = 1 << 20;
/** What malloc may keep of buffers that were collected; what is in use, `heap`, has closer bounds. */
const ALLOCATORS = 100 * MEGABYTE;
const seed = Number(process.env.CORDAGE_SEED ?? 1);
const loops = ["EpollSelector", "PollSelector", "SelectSelector"].flatMap((selector) =>
  ["blocking", "async"].map((loop) => [selector, loop] as const),
);

interface Held {
  rss: number;
  heap: number;
  open: number;
  clients: number;
}

describe.each(loops)(`on %s, %s (CORDAGE_SEED=${seed})`, (selector, loop) => {
  let server: Running;
  let place: Place;
  let questions: Promise<unknown>;
  const below = seeded(seed);
  beforeEach(async () => {
    server = start("serve-echo.mjs", [selector, loop], { flags: ["--expose-gc"] });
    place = JSON.parse(await server.line());
    questions = Promise.resolve();
  });
  afterEach(async () => {
    server.child.stdin!.end();
    expect(await server.ended).toMatchObject({ code: 0, stderr: "" });
  });

  /** What the server holds; one question after the other. */
  function held(): Promise<Held> {
    const answer = questions.then(async () => {
      server.child.stdin!.write("?");
      return JSON.parse(await server.line()) as Held;
    });
    questions = answer;
    return answer;
  }

  const alone = (clients = 0) => until(async () => (await held()).clients === clients);
  const whole = ([sent, received]: [string, string]) => expect(received).toBe(sent);

  async function among(bad: () => Promise<void>): Promise<void> {
    const good = [honest(place, below, 2 * MEGABYTE), honest(place, below, MEGABYTE), slow(place, below, 200)];
    await Promise.all([bad(), ...good]);
    for (const one of good) whole(await one);
    whole(await honest(place, below, MEGABYTE));
  }

  async function throng(scale: number): Promise<void> {
    const quiet = Array.from({ length: 3 * scale }, () => silent(place, below));
    await fleeting(place, 1000 * scale);
    for (let i = 0; i < 30 * scale; i++) await rude(place, below);
    for (const socket of quiet) socket.close();
  }

  test("nothing grows, and no honest byte is lost", async () => {
    await among(() => throng(2));
    await alone();
    const before = await held();
    await among(() => throng(10)); // 10,000 who come and go
    await alone();
    await until(async () => (await held()).open <= before.open); // Node itself may have one open for a moment
    const after = await held();
    expect([after.open, after.clients]).toEqual([before.open, 0]);
    expect(after.heap - before.heap).toBeLessThan(2 * MEGABYTE);
    expect(after.rss - before.rss).toBeLessThan(ALLOCATORS);
  });

  test("who never reads is not read from: what the server keeps has a bound", async () => {
    await among(() => throng(1));
    await alone();
    const before = await held();
    const many: Socket[] = [];
    await among(async () => {
      for (let i = 0; i < 40; i++) many.push(silent(place, below));
      const sent = await Promise.all(many.map((socket) => greedy(socket, held)));
      const during = await held();
      expect(sent.reduce((sum, one) => sum + one)).toBeGreaterThan(40 * MEGABYTE); // so much the kernel keeps
      expect(during.heap - before.heap).toBeLessThan(40 * 70_000 + 2 * MEGABYTE);
      expect(during.rss - before.rss).toBeLessThan(ALLOCATORS);
    });
    await alone(40);
    for (const socket of many) socket.close();
    await alone();
    await until(async () => (await held()).open <= before.open); // Node itself may have one open for a moment
  });

  test("who finds no descriptor left is served once somebody has gone", async () => {
    const poor = start("serve-echo.mjs", [selector, loop], { flags: ["--expose-gc"], first: "ulimit -n 40" });
    const where = JSON.parse(await poor.line());
    const crowd = Array.from({ length: 80 }, () => honest(where, below, 5000));
    for (const one of await Promise.all(crowd)) whole(one);
    poor.child.stdin!.end();
    expect(await poor.ended).toMatchObject({ code: 0, stderr: "" });
  });
});
