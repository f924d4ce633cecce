// Values of 1 MiB: set|get, sync|promise.
import { count, report } from "../../../../scripts/bench/program.mjs";
import { secondsEach, withManager } from "./manager.mjs";

const SIZE = 2 ** 20;
const [op, form] = process.argv.slice(2);
const took = await withManager(async (manager) => {
  const d = await manager.dict();
  const { sync } = d;
  const value = Buffer.alloc(SIZE, "x");
  await d.set("large", value);
  const sets = { blocking: () => sync.set("large", value), promising: () => d.set("large", value) };
  const gets = { blocking: () => sync.get("large"), promising: () => d.get("large") };
  return secondsEach(form, count(300), op === "set" ? sets : gets);
});
report(SIZE / took / 1e6);
