// fork|lines: the peer that the first argument names.
import { seconds } from "../../../../scripts/bench/program.mjs";

export const peer = await import(`./${process.argv[2]}.mjs`);

/** Lends a client of a new server, and gives the work's result. */
export async function withPeer(work, ...options) {
  const client = await peer.open(...options);
  const result = await work(client);
  client.close();
  return result;
}

/** Makes so many calls, one after the other; each gets its number. */
export async function repeat(times, call) {
  for (let i = 0; i < times; i++) await call(i);
}

/** Seconds of one call, once as many have been made. */
export async function secondsEach(n, call) {
  await repeat(n, call);
  return (await seconds(() => repeat(n, call))) / n;
}
