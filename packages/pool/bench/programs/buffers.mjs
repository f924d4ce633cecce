// 1 MiB there and back, eight in flight: process|thread.
import { isMain } from "@cordage/process";
import { count, report, seconds } from "../../../../scripts/bench/program.mjs";
import { inFlight } from "../in-flight.mjs";
import { withPool } from "./pool.mjs";
import { identity } from "./tasks.mjs";

if (isMain(import.meta)) {
  const n = count(200);
  const buffer = new Uint8Array(1 << 20).fill(120);
  const took = await withPool(process.argv[2], async (pool) => {
    const echo = async () => {
      const { length } = await pool.apply(identity, [buffer]);
      if (length !== buffer.length) throw new Error(`it came back with ${length} bytes`);
    };
    return await seconds(() => inFlight(8, n, echo));
  });
  report((2 * buffer.length * n) / took / 1e6);
}
