// One client: PEER.
import { count, report } from "../../../../scripts/bench/program.mjs";
import { secondsEach, withPeer } from "./peer.mjs";

const took = await withPeer((client) => secondsEach(count(10_000), (i) => client.push(i)));
report(took * 1e6);
