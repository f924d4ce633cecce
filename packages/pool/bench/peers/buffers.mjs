// 1 MiB there and back, eight in flight: copy|move PEER.
import { count, report, seconds } from "../../../../scripts/bench/program.mjs";
import { inFlight } from "../in-flight.mjs";
import { withPool } from "./pool.mjs";

const [how] = process.argv.splice(2, 1);
const n = count(how === "move" ? 2_000 : 200);
const size = 1 << 20;
// A moved buffer is the sender's no more, so that each of those in flight is its own.
const buffers = Array.from({ length: 8 }, () => new Uint8Array(size).fill(120));

const took = await withPool(async ({ run, moveBuffer }) => {
  const echo = async () => {
    const buffer = buffers.pop();
    const result = await (how === "move" ? moveBuffer(buffer) : run("identity", buffer));
    if (result.length !== size) throw new Error(`it came back with ${result.length} bytes`);
    buffers.push(how === "move" ? result : buffer);
  };
  return await seconds(() => inFlight(8, n, echo));
});
report((2 * size * n) / took / 1e6);
