// A server of node:net that reads and writes a line of JSON for each message. It is a child; run as a program, this is it.
import { fork } from "node:child_process";
import { once } from "node:events";
import { connect as connectTo, createServer } from "node:net";
import { fileURLToPath } from "node:url";
import { makeClient, makeStore } from "./store.mjs";

const here = fileURLToPath(import.meta.url);

function onLines(socket, take) {
  let rest = "";
  socket.setEncoding("utf8").on("data", (text) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop();
    for (const line of lines) take(JSON.parse(line));
  });
}

const writeLine = (socket, message) => socket.write(`${JSON.stringify(message)}\n`);

/** A new server. */
export async function serve() {
  const child = fork(here);
  const [address] = await once(child, "message");
  return { address, close: () => child.disconnect() };
}

export async function connect(port) {
  const socket = connectTo({ port, host: "127.0.0.1", noDelay: true });
  await once(socket, "connect");
  const client = makeClient((request) => writeLine(socket, request));
  onLines(socket, client.answered);
  return { ...client, close: () => socket.end() };
}

/** A client of a new server. */
export async function open() {
  const server = await serve();
  const client = await connect(server.address);
  const close = () => {
    client.close();
    server.close();
  };
  return { ...client, close };
}

if (process.argv[1] === here) {
  const answer = makeStore();
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on("error", () => {});
    onLines(socket, (request) => writeLine(socket, answer(request)));
  });
  server.listen(0, "127.0.0.1", () => process.send(server.address().port));
  process.on("disconnect", () => process.exit());
}
