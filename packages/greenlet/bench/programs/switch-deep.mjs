// ENGINE: the main greenlet and another one, each within a hundred calls. Prints the nanoseconds of a switch.
import { equal, reportNanoseconds } from "../measure.mjs";
import { engine, Greenlet, getCurrent } from "./engine.mjs";

const DEPTH = 100;
const main = getCurrent();
let turns = 0;
const deep = (depth, work) => (depth === 0 ? work() : deep(depth - 1, work) + 1);
const other = new Greenlet(() =>
  deep(DEPTH, () => {
    for (;;) {
      turns++;
      main.switch();
    }
  }),
);

reportNanoseconds(engine === "stack" ? 2_000_000 : 100_000, (switches) => {
  turns = 0;
  deep(DEPTH, () => {
    for (let i = 0; i < switches; i += 2) other.switch();
    return 0;
  });
  equal(turns, Math.ceil(switches / 2), "turns");
  return turns * 2;
});
