// From nothing to the first result: process|thread.
import { isMain } from "@cordage/process";
import { report } from "../../../../scripts/bench/program.mjs";
import { newPool } from "./pool.mjs";
import { identity } from "./tasks.mjs";

if (isMain(import.meta)) {
  const began = performance.now();
  const pool = newPool(process.argv[2]);
  await pool.apply(identity, [1]);
  report(performance.now() - began);
  pool.close();
  await pool.join();
}
