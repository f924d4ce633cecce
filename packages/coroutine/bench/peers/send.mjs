// The same with what JavaScript has: generator|async|asyncGenerator.
import { equal, reportNanoseconds, sumBelow } from "../measure.mjs";

function* summer() {
  for (let sum = 0; ; ) sum += yield sum;
}

async function* asyncSummer() {
  for (let sum = 0; ; ) sum += yield sum;
}

async function add(sum, i) {
  return sum + i;
}

const sendAll = {
  generator(n) {
    const sums = summer();
    let sum = sums.next().value;
    for (let i = 0; i < n; i++) sum = sums.next(i).value;
    return sum;
  },
  async async(n) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum = await add(sum, i);
    return sum;
  },
  async asyncGenerator(n) {
    const sums = asyncSummer();
    let sum = (await sums.next()).value;
    for (let i = 0; i < n; i++) sum = (await sums.next(i)).value;
    return sum;
  },
};

const peer = process.argv[2];
const full = peer === "generator" ? 20_000_000 : 5_000_000;
await reportNanoseconds(full, async (n) => equal(await sendAll[peer](n), sumBelow(n), "sum"));
