// ENGINE: greenlets that end at once, one after the other. Prints the nanoseconds of one.
import { equal, reportNanoseconds, sumBelow } from "../measure.mjs";
import { engine, Greenlet } from "./engine.mjs";

const same = (value) => value;

reportNanoseconds(engine === "stack" ? 500_000 : 10_000, (greenlets) => {
  let sum = 0;
  for (let i = 0; i < greenlets; i++) sum += new Greenlet(same).switch(i);
  equal(sum, sumBelow(greenlets), "sum of the results");
  return greenlets;
});
