// The collector while greenlets are parked: what they hold is kept, what nobody holds is not.
import assert from "node:assert/strict";
import { Greenlet, getCurrent } from "@cordage/greenlet";
import { turn } from "./hub.mjs";

const garbage = (random) => Array.from({ length: random(2000) }, (_, i) => ({ i, text: `text ${i}`, list: [i] }));

function holder(random) {
  return new Greenlet(() => {
    const parent = getCurrent().parent;
    const own = { numbers: Array.from({ length: 100 }, () => random(1000)), text: String(random(1e9)).repeat(20) };
    const copy = JSON.stringify(own);
    parent.switch(new WeakRef(own));
    if (random(4) === 0) globalThis.gc(); // on this stack
    garbage(random);
    parent.switch();
    assert.equal(JSON.stringify(own), copy);
  });
}

export const collections = {
  atATime: 2,
  round(random) {
    const holders = Array.from({ length: 1 + random(40) }, () => holder(random));
    const held = holders.map((one) => one.switch());
    garbage(random);
    if (random(4) === 0) globalThis.gc();
    turn(); // WeakRefs hold until the end of the job
    for (const one of holders) one.switch();
    if (random(8) === 0) globalThis.gc({ type: "minor" });
    turn();
    for (const ref of held) assert.notEqual(ref.deref(), undefined);
    for (const one of holders) one.switch();
    assert(holders.every((one) => one.dead));
  },
};
