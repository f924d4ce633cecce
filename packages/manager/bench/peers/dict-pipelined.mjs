// 10,000 sets in flight, ten times: PEER.
import { count, report, seconds } from "../../../../scripts/bench/program.mjs";
import { withPeer } from "./peer.mjs";

const n = count(10_000);
const rounds = 10;
const took = await withPeer(async (client) => {
  const round = () => Promise.all(Array.from({ length: n }, (_, i) => client.set(i % 1000, i)));
  await round();
  return seconds(async () => {
    for (let i = 0; i < rounds; i++) await round();
  });
});
report((rounds * n) / took);
