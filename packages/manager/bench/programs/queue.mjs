// One client: sync|promise.
import { count, report } from "../../../../scripts/bench/program.mjs";
import { secondsEach, withManager } from "./manager.mjs";

const took = await withManager(async (manager) => {
  const q = await manager.Queue();
  const { sync } = q;
  return secondsEach(process.argv[2], count(5_000), {
    blocking(i) {
      sync.put(i);
      sync.get();
    },
    async promising(i) {
      await q.put(i);
      await q.get();
    },
  });
});
report(took * 1e6);
