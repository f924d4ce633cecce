// One client: sync|promise.
import { count, report } from "../../../../scripts/bench/program.mjs";
import { secondsEach, withManager } from "./manager.mjs";

const took = await withManager(async (manager) => {
  const l = await manager.list();
  const { sync } = l;
  return secondsEach(process.argv[2], count(10_000), {
    blocking: (i) => sync.push(i),
    promising: (i) => l.push(i),
  });
});
report(took * 1e6);
