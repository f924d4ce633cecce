// A client of torture.mjs, in a process of its own: [echo | http] PORT SEED. Talks until its stdin ends, or it is killed, and checks every answer.
import { once } from "node:events";
import http from "node:http";
import net from "node:net";
import { seeded } from "@cordage/test-support";

const CONNECTIONS = 3;
const [, , kind, port, seed] = process.argv;
let isOver = false;
process.stdin.on("end", () => {
  isOver = true;
});
process.stdin.resume();

const message = (random) => Buffer.alloc(1 + random(random(4) === 0 ? 200_000 : 2000), random(256));

async function received(chunks, size) {
  const parts = [];
  for (let missing = size; missing > 0; missing -= parts.at(-1).length) parts.push((await chunks.next()).value);
  return Buffer.concat(parts);
}

async function echo(random) {
  const socket = net.connect(Number(port), "127.0.0.1");
  const chunks = socket[Symbol.asyncIterator]();
  while (!isOver) {
    const sent = message(random);
    socket.write(sent);
    check(sent, await received(chunks, sent.length));
  }
  socket.end();
  await chunks.next();
}

async function post(agent, random) {
  while (!isOver) {
    const sent = message(random);
    const options = { port, host: "127.0.0.1", agent, method: "POST", path: `/${random(3)}` };
    const [response] = await once(http.request(options).end(sent), "response");
    check(sent, Buffer.concat(await response.toArray()));
  }
}

function check(sent, answered) {
  if (!sent.equals(answered)) throw new Error(`sent ${sent.length} bytes, and received ${answered.length} others`);
}

const agent = new http.Agent({ keepAlive: true });
const talk = { echo, http: (random) => post(agent, random) }[kind];
await Promise.all(Array.from({ length: CONNECTIONS }, (_, i) => talk(seeded(Number(seed) + i))));
agent.destroy();
