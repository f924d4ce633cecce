// Two processes that take turns: sync|promise. Both locks are held at the start, and each is released by who waits for the other.
import { isMain, Process } from "@cordage/process";
import { count, report } from "../../../../scripts/bench/program.mjs";
import { secondsEach, withManager } from "./manager.mjs";

export async function partner(mine, theirs, form, turns) {
  for (let i = 0; i < turns; i++) {
    if (form === "sync") {
      mine.sync.acquire();
      theirs.sync.release();
    } else {
      await mine.acquire();
      await theirs.release();
    }
  }
}

if (isMain(import.meta)) {
  const form = process.argv[2];
  const n = count(3_000);
  const took = await withManager(async (manager) => {
    const [mine, theirs] = [await manager.Lock(), await manager.Lock()];
    await mine.acquire();
    await theirs.acquire();
    const other = new Process({ target: partner, args: [theirs, mine, form, 2 * n] });
    other.start();
    const took = await secondsEach(form, n, {
      blocking() {
        theirs.sync.release();
        mine.sync.acquire();
      },
      async promising() {
        await theirs.release();
        await mine.acquire();
      },
    });
    await other.join();
    return took / 2;
  });
  report(took * 1e6);
}
