// Maps a million numbers, in chunks of 10,000 made by hand: PEER.
import { count, report, seconds } from "../../../../scripts/bench/program.mjs";
import { withPool } from "./pool.mjs";

const n = count(1_000_000);
const chunk = 10_000;
const items = Array.from({ length: n }, (_, i) => i);

async function map(run) {
  const chunks = [];
  for (let at = 0; at < n; at += chunk) chunks.push(run("mapIdentity", items.slice(at, at + chunk)));
  return (await Promise.all(chunks)).flat();
}

const took = await withPool(({ run }) =>
  seconds(async () => {
    const results = await map(run);
    if (results.length !== n || results[n - 1] !== n - 1) throw new Error("it came back as something else");
  }),
);
report(n / took);
