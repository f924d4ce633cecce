// 10,000 sets in flight, ten times.
import { count, report, seconds } from "../../../../scripts/bench/program.mjs";
import { ITEMS, withManager } from "./manager.mjs";

const n = count(10_000);
const rounds = 10;
const took = await withManager(async (manager) => {
  const d = await manager.dict(ITEMS);
  const round = () => Promise.all(Array.from({ length: n }, (_, i) => d.set(i % ITEMS.length, i)));
  await round();
  return seconds(async () => {
    for (let i = 0; i < rounds; i++) await round();
  });
});
report((rounds * n) / took);
