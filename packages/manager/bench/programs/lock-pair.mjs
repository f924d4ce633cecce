// One client: sync|promise.
import { count, report } from "../../../../scripts/bench/program.mjs";
import { secondsEach, withManager } from "./manager.mjs";

const took = await withManager(async (manager) => {
  const lock = await manager.Lock();
  const { sync } = lock;
  return secondsEach(process.argv[2], count(5_000), {
    blocking() {
      sync.acquire();
      sync.release();
    },
    async promising() {
      await lock.acquire();
      await lock.release();
    },
  });
});
report(took * 1e6);
