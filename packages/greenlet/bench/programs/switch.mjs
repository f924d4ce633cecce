// ENGINE N: the main greenlet and N others in a ring. Prints the nanoseconds of a switch.
import { equal, reportNanoseconds } from "../measure.mjs";
import { engine, Greenlet, getCurrent } from "./engine.mjs";

const others = Number(process.argv[3]);
const main = getCurrent();
let turns = 0;
const ring = Array.from({ length: others }, () => new Greenlet(() => {}));
for (const [i] of ring.entries()) {
  ring[i].run = () => {
    const next = ring[i + 1] ?? main;
    for (;;) {
      turns++;
      next.switch();
    }
  };
}
const [first] = ring;

reportNanoseconds(engine === "stack" ? 2_000_000 : 100_000, (switches) => {
  const rounds = Math.ceil(switches / (others + 1));
  turns = 0;
  for (let i = 0; i < rounds; i++) first.switch();
  equal(turns, rounds * others, "turns");
  return rounds * (others + 1);
});
