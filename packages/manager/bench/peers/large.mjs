// Values of 1 MiB: fork, set|get. JSON would make ten times as much of a Buffer: "advanced" is a structured clone.
import { count, report } from "../../../../scripts/bench/program.mjs";
import { secondsEach, withPeer } from "./peer.mjs";

const SIZE = 2 ** 20;
const op = process.argv[3];
const value = Buffer.alloc(SIZE, "x");
const took = await withPeer(async (client) => {
  await client.set("large", value);
  return secondsEach(count(300), () => client[op]("large", op === "set" ? value : undefined));
}, "advanced");
report(SIZE / took / 1e6);
