// CASE: what JavaScript itself has. A generator and an async function suspend themselves only, not those who called them.
import { equal, reportNanoseconds, reportNanosecondsLater, sumBelow } from "../measure.mjs";

let turns = 0;

const cases = {
  generator() {
    const one = (function* () {
      for (;;) {
        turns++;
        yield;
      }
    })();
    reportNanoseconds(4_000_000, (switches) => {
      turns = 0;
      for (let i = 0; i < switches; i += 2) one.next();
      equal(turns, Math.ceil(switches / 2), "turns");
      return turns * 2;
    });
  },
  async async() {
    const taking = async (many) => {
      for (let i = 0; i < many; i++) {
        turns++;
        await undefined;
      }
    };
    await reportNanosecondsLater(2_000_000, async (switches) => {
      turns = 0;
      const each = Math.ceil(switches / 2);
      await Promise.all([taking(each), taking(each)]);
      equal(turns, 2 * each, "turns");
      return turns;
    });
  },
  createGenerator() {
    // biome-ignore lint/correctness/useYield: it is created, run and finished, and nothing else
    const same = function* (value) {
      return value;
    };
    reportNanoseconds(2_000_000, (many) => {
      let sum = 0;
      for (let i = 0; i < many; i++) sum += same(i).next().value;
      equal(sum, sumBelow(many), "sum of the results");
      return many;
    });
  },
  async createAsync() {
    const same = async (value) => value;
    await reportNanosecondsLater(1_000_000, async (many) => {
      let sum = 0;
      for (let i = 0; i < many; i++) sum += await same(i);
      equal(sum, sumBelow(many), "sum of the results");
      return many;
    });
  },
};

await cases[process.argv[2]]();
