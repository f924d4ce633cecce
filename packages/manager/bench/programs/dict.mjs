// One client: set|get, sync|promise.
import { count, report } from "../../../../scripts/bench/program.mjs";
import { ITEMS, secondsEach, using, withManager } from "./manager.mjs";

const [op, form] = process.argv.slice(2);
const took = await withManager(async (manager) => {
  const d = await manager.dict(ITEMS);
  return secondsEach(form, count(10_000), using(d, op));
});
report(took * 1e6);
