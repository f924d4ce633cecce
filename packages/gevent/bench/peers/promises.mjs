// The same with async functions: CASE.
import { equal, reportMicrosecondsLater, sumBelow } from "../measure.mjs";

const same = async (value) => value;
const turn = () => new Promise(setImmediate);

const cases = {
  spawnJoin: () =>
    reportMicrosecondsLater(100_000, async (n) => {
      const values = await Promise.all(Array.from({ length: n }, (_, i) => same(i)));
      equal(
        values.reduce((sum, one) => sum + one, 0),
        sumBelow(n),
        "sum of the results",
      );
      return n;
    }),
  sleep0: () =>
    reportMicrosecondsLater(1_000_000, async (n) => {
      const times = Math.ceil(n / 10);
      const loop = async () => {
        for (let i = 0; i < times; i++) await turn();
      };
      await Promise.all(Array.from({ length: 10 }, loop));
      return times * 10;
    }),
};

await cases[process.argv[2]]();
