// child_process.fork: `send` and "message". The server is the child; run as a program, this is it.
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { makeClient, makeStore } from "./store.mjs";

const here = fileURLToPath(import.meta.url);

/** A client of a new server. */
export async function open(serialization = "json") {
  const child = fork(here, [], { serialization });
  const client = makeClient((request) => child.send(request));
  child.on("message", client.answered);
  return { ...client, close: () => child.disconnect() };
}

/** The parent's side where the clients are its children. */
export const serve = () => ({ address: "", close() {}, answer: makeStore() });

/** In a child whose parent has the store. */
export async function connect() {
  const client = makeClient((request) => process.send(request));
  process.on("message", (message) => Array.isArray(message) && client.answered(message));
  return { ...client, close() {} };
}

if (process.argv[1] === here) {
  const answer = makeStore();
  process.on("message", (request) => process.send(answer(request)));
}
