/**
 * The torture of torture.mjs for so many seconds: CORDAGE_TORTURE_SECONDS, default 5. `npm run stress` takes five minutes.
 */
import { endLeftOver, fixturesIn } from "@cordage/test-support";
import { afterAll, expect, test } from "@jest/globals";

afterAll(endLeftOver);

declare const engine: string;
const seconds = Number(process.env.CORDAGE_TORTURE_SECONDS ?? 5);
const seed = Number(process.env.CORDAGE_TORTURE_SEED ?? Date.now() % 2 ** 31);
const { run } = fixturesIn(new URL("./", import.meta.url));
const EVERYTHING = ["queues", "locks", "pools", "connections", "fetches", "files"];
/** What code and feedback take once more has run; far below what as many requests would leave behind. */
const MEGABYTES = 4;

interface Measured {
  descriptors: number;
  greenlets: number;
  lost: number;
  heap: number;
}

test(
  "servers under load, whose clients are killed at random, and everything else: nothing is wrong, and nothing grows",
  async () => {
    const { code, signal, stdout, stderr } = await run("torture.mjs", [String(seconds), String(seed)], {
      flags: ["--expose-gc", "--disable-warning=CORDAGE_GEVENT_HELD"],
      env: { CORDAGE_GREENLET_ENGINE: engine },
    });
    const said = `seed ${seed}, ${engine} engine: ${stdout}`;
    expect([said, code, signal, stderr]).toEqual([said, 0, null, ""]);
    const { rounds, clients, generations, unexpected, measured } = JSON.parse(stdout.trim().split("\n").at(-1)!);
    expect(unexpected).toEqual([]);
    expect(Object.keys(rounds).sort()).toEqual([...EVERYTHING].sort());
    expect(Object.entries(rounds).filter(([, right]) => !(Number(right) > 0))).toEqual([]);
    expect(clients).toEqual({ killed: 4 * generations, ended: 2 * generations });
    const all = measured as Measured[];
    const first = all[0]!;
    for (const { descriptors, greenlets, lost } of all)
      expect({ said, descriptors, greenlets, lost }).toEqual({
        said,
        descriptors: first.descriptors,
        greenlets: 1,
        lost: 0,
      });
    expect(all.at(-1)!.heap - all[1]!.heap).toBeLessThan(MEGABYTES * 2 ** 20);
  },
  (seconds + 100) * 1000,
);
