// The sum of what it was sent so far is what the coroutine yields.
import { primed } from "@cordage/coroutine";
import { equal, reportNanoseconds, sumBelow } from "../measure.mjs";

const summer = primed(function* () {
  for (let sum = 0; ; ) sum += yield sum;
});

await reportNanoseconds(20_000_000, (n) => {
  const sums = summer();
  let sum = 0;
  for (let i = 0; i < n; i++) sum = sums.send(i);
  equal(sum, sumBelow(n), "sum");
});
