/**
 * The torture of torture.mjs for so many seconds: CORDAGE_TORTURE_SECONDS, default 5, for each way of V8's own torture. `npm run stress`
 * takes five minutes.
 */
import { endLeftOver, fixturesIn } from "@cordage/test-support";
import { afterAll, expect, test } from "@jest/globals";

afterAll(endLeftOver);

declare const engine: string;
const seconds = Number(process.env.CORDAGE_TORTURE_SECONDS ?? 5);
const seed = Number(process.env.CORDAGE_TORTURE_SEED ?? Date.now() % 2 ** 31);
const { run } = fixturesIn(new URL("./", import.meta.url));
const EVERYTHING = [
  ...["graphs", "errors", "recursion", "builtins", "collections", "webAssembly"],
  ...["http", "files", "hashes", "compression", "workers"],
];

test.each([
  ["as it is", []],
  ["with compaction at each collection", ["--stress-compaction"]],
  ["with a collection every 2,000 allocations", ["--gc-interval=2000"]],
  ["with young collections at random", ["--stress-scavenge=100"]],
  ["without the optimizing compilers", ["--max-lazy", "--no-opt", "--no-sparkplug"]],
  ["with everything compiled at once", ["--always-sparkplug"]],
])(
  "everything at the same time, %s",
  async (_, flags) => {
    const { code, signal, stdout, stderr } = await run("torture.mjs", [String(seconds), String(seed)], {
      flags: ["--expose-gc", ...flags],
      env: { CORDAGE_GREENLET_ENGINE: engine },
    });
    const said = `seed ${seed}, ${engine} engine: ${stdout}`;
    expect([said, code, signal, stderr]).toEqual([said, 0, null, ""]);
    const { rounds, statistics } = JSON.parse(stdout.trim().split("\n").at(-1)!);
    expect(Object.keys(rounds).sort()).toEqual([...EVERYTHING].sort());
    expect(Object.entries(rounds).filter(([, right]) => !(Number(right) > 0))).toEqual([]);
    expect(statistics).toMatchObject({ engine, greenlets: 0, lost: 0 });
  },
  (seconds + 100) * 1000,
);
