// One client: PEER, set|get.
import { count, report } from "../../../../scripts/bench/program.mjs";
import { secondsEach, withPeer } from "./peer.mjs";

const op = process.argv[3];
const took = await withPeer((client) => secondsEach(count(10_000), (i) => client[op](i % 1000, i)));
report(took * 1e6);
