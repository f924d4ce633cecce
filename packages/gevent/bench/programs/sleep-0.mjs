import { joinAll, run, sleep, spawn } from "@cordage/gevent";
import { equal, reportMicroseconds } from "../measure.mjs";

const GREENLETS = 10;
let calls = 0;

function loop(times) {
  for (let i = 0; i < times; i++) {
    sleep(0);
    calls++;
  }
}

await run(() =>
  reportMicroseconds(1_000_000, (n) => {
    calls = 0;
    const times = Math.ceil(n / GREENLETS);
    joinAll(Array.from({ length: GREENLETS }, () => spawn(loop, times)));
    equal(calls, times * GREENLETS, "calls");
    return calls;
  }),
);
