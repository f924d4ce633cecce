// Counts primes in 32 ranges: PEER.
import { report } from "../../../../scripts/bench/program.mjs";
import { speedUp } from "../primes.mjs";
import { withPool } from "./pool.mjs";

const inPool = ({ run }) => speedUp((ranges) => Promise.all(ranges.map((range) => run("countPrimes", range))));
report(await withPool(inPool, 0));
