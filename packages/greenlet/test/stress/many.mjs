// N: so many greenlets wait at once, are switched to in no order, and end; then as many again. Prints what statistics() said.
import assert from "node:assert/strict";
import { Greenlet, getCurrent, statistics } from "@cordage/greenlet";
import { seeded } from "@cordage/test-support";

const n = Number(process.argv[2]);
const random = seeded(Number(process.argv[3] ?? 1));
const main = getCurrent();
const said = [];

function generation() {
  const everyone = Array.from({ length: n }, (_, i) => {
    const one = new Greenlet((first) => first + main.switch() + main.switch());
    one.switch(i);
    return one;
  });
  said.push(statistics());
  for (let i = n - 1; i > 0; i--) {
    const j = random(i + 1);
    [everyone[i], everyone[j]] = [everyone[j], everyone[i]];
  }
  for (const one of everyone) one.switch(1000);
  globalThis.gc();
  let sum = 0;
  for (const one of everyone) sum += one.switch(1);
  assert.equal(sum, (n * (n - 1)) / 2 + n * 1001);
  assert(everyone.every((one) => one.dead));
  said.push(statistics());
}

generation();
generation();
console.log(JSON.stringify(said));
