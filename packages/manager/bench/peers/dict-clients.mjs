// Eight client processes: PEER, set|get. They begin together, once each has warmed up.
import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { count, report, seconds } from "../../../../scripts/bench/program.mjs";
import { peer, repeat } from "./peer.mjs";

const CLIENTS = 8;
const [name, op, role, address] = process.argv.slice(2);
const n = count(5_000);

/** Resolves when each of the children has said it. */
const all = (children, word) =>
  Promise.all(
    children.map(
      (child) =>
        new Promise((resolve) => {
          const listen = (message) => {
            if (message !== word) return;
            child.off("message", listen);
            resolve();
          };
          child.on("message", listen);
        }),
    ),
  );

async function main() {
  const { address, close, answer } = await peer.serve();
  const args = [name, op, "client", String(address)];
  const children = Array.from({ length: CLIENTS }, () => fork(fileURLToPath(import.meta.url), args));
  if (answer) for (const child of children) child.on("message", (m) => Array.isArray(m) && child.send(answer(m)));
  await all(children, "ready");
  const done = all(children, "done");
  const took = await seconds(() => {
    for (const child of children) child.send("go");
    return done;
  });
  for (const child of children) if (child.connected) child.disconnect(); // some have ended
  close();
  report((CLIENTS * n) / took);
}

async function client() {
  const map = await peer.connect(Number(address));
  const call = (i) => map[op](i % 1000, i);
  await repeat(n, call);
  process.send("ready");
  await once(process, "message");
  await repeat(n, call);
  process.send("done");
  map.close();
}

await (role === "client" ? client() : main());
