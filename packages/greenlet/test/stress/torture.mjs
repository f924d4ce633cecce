// Greenlets and whatever else runs in a process of Node, at the same time: [SECONDS] [SEED]. Each workload checks what it gets. Prints a line of JSON:
// how many rounds of each were right. Run it with V8's own torture (--stress-compaction, --gc-interval=N, --stress-scavenge=N) too; --expose-gc.
import { engine, statistics } from "@cordage/greenlet";
import { seeded } from "@cordage/test-support";
import { runUntil } from "./torture/hub.mjs";
import { workloads } from "./torture/workloads.mjs";

const seconds = Number(process.argv[2] ?? 10);
const seed = Number(process.argv[3] ?? Math.trunc(Math.random() * 2 ** 31));
const only = process.argv[4]?.split(",");
console.log(JSON.stringify({ seed, engine, seconds }));

const chosen = Object.entries(workloads).filter(([name]) => !only || only.includes(name));
const rounds = await runUntil(performance.now() + seconds * 1000, chosen, (i) => seeded(seed + i));
globalThis.gc();
console.log(JSON.stringify({ rounds, statistics: statistics() }));
