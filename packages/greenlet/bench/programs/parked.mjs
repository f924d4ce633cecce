// ENGINE N: N greenlets wait. Prints how many bytes each adds to the resident memory.
import { count, report } from "../../../../scripts/bench/program.mjs";
import { equal, resident } from "../measure.mjs";
import { Greenlet, getCurrent } from "./engine.mjs";

const n = count(Number(process.argv[3]));
const main = getCurrent();
let waiting = 0;

function park(many) {
  return Array.from({ length: many }, () => {
    const one = new Greenlet(() => {
      waiting++;
      main.switch();
      waiting--;
    });
    one.switch();
    return one;
  });
}

for (const one of park(Math.ceil(n / 100))) one.switch(); // what is loaded and compiled at the first use is no greenlet's
globalThis.gc();
const before = resident();
const parked = park(n);
globalThis.gc();
equal(waiting, n, "parked greenlets");
report((resident() - before) / n);
for (const one of parked) one.switch();
equal(waiting, 0, "parked greenlets in the end");
