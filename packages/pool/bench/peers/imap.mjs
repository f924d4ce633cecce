// Results one by one, as they come, with 64 tasks in flight: PEER.
import { count, report, seconds } from "../../../../scripts/bench/program.mjs";
import { inFlight } from "../in-flight.mjs";
import { withPool } from "./pool.mjs";

const n = count(20_000);
const took = await withPool(({ run }) => seconds(() => inFlight(64, n, (i) => run("identity", i))));
report(n / took);
