// What the echo benches share, those of gevent and eventlet too: the load, and the servers.
import { fileURLToPath } from "node:url";
import { contendersOf } from "../../../scripts/bench/contenders.mjs";

const beside = (file) => fileURLToPath(new URL(file, import.meta.url));
const node = (file) => [process.execPath, beside(file), "PORT"];
const { c } = contendersOf(import.meta);

/**
 * Makes contenders of servers: a label, and a command in which PORT becomes the port.
 * @param mode cpu, rate, latency or memory, see peers/echo.c
 */
export const underLoad = (mode, connections) => (label, command) =>
  c(label, "peers/echo.c", mode, String(connections), ...command);

export const nodeNet = node("peers/echo-net.mjs");

export function echoServers(mode, connections) {
  const server = underLoad(mode, connections);
  return [
    server("cordage, select", node("programs/echo-server.mjs")),
    server("cordage, selectAsync", node("programs/echo-server-async.mjs")),
    server("C, epoll", ["floor"]),
    server("CPython selectors", ["python3", beside("peers/echo-selectors.py"), "PORT"]),
    server("node:net", nodeNet),
  ];
}
