// Servers under load, whose clients are killed at random, and whatever else greenlets do at the same time: [SECONDS] [SEED]. Everything checks what it
// gets. Prints a line of JSON: how many rounds of each were right, and what was open and used after each generation of clients. --expose-gc.
import { joinAll, monkey, run, setErrorHandler, spawn } from "@cordage/gevent";
import { engine } from "@cordage/greenlet";
import { seeded } from "@cordage/test-support";
import { comeAndGo } from "./torture/clients.mjs";
import { measure, untilClosed } from "./torture/growth.mjs";
import { isGone, startServers } from "./torture/servers.mjs";
import { workloads } from "./torture/workloads.mjs";

const GENERATION = 500;
const seconds = Number(process.argv[2] ?? 10);
const seed = Number(process.argv[3] ?? Math.trunc(Math.random() * 2 ** 31));
const random = seeded(seed);
const rounds = Object.fromEntries(Object.keys(workloads).map((name) => [name, 0]));
const unexpected = [];
const clients = { killed: 0, ended: 0 };

console.log(JSON.stringify({ seed, engine, seconds }));
setErrorHandler((error) => {
  if (!isGone(error)) unexpected.push(String(error?.stack ?? error));
});
monkey.patchAll();

/** Servers, clients that come and go, and everything else, from nothing to nothing. */
function generation() {
  const servers = startServers();
  let isOver = false;
  const others = Object.entries(workloads).map(([name, work]) =>
    spawn(() => {
      for (; !isOver; rounds[name]++) work(servers.ports, random);
    }),
  );
  const { killed, ended } = comeAndGo(servers.ports, random, GENERATION);
  clients.killed += killed.filter((how) => how === "SIGKILL").length;
  clients.ended += ended.filter((how) => how === 0).length;
  isOver = true;
  joinAll(others, { raiseError: true });
  servers.stop();
}

await run(() => {
  const end = performance.now() + seconds * 1000;
  generation(); // which loads what is loaded once
  const measured = [measure()];
  while (performance.now() < end || measured.length < 3) {
    generation();
    untilClosed(measured[0].descriptors);
    measured.push(measure());
  }
  console.log(JSON.stringify({ rounds, clients, generations: measured.length, unexpected, measured }));
});
