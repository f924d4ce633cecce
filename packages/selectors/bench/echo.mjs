// What the echo benches share: the servers, and the load that measures them.
import { fileURLToPath } from "node:url";
import { contendersOf } from "../../../scripts/bench/contenders.mjs";

const beside = (file) => fileURLToPath(new URL(file, import.meta.url));
const node = (file) => [process.execPath, beside(file), "PORT"];

/** @param mode cpu, rate, latency or memory, see peers/echo.c */
export function echoServers(mode, connections) {
  const { c } = contendersOf(import.meta);
  const server = (label, command) => c(label, "peers/echo.c", mode, String(connections), ...command);
  return [
    server("cordage, select", node("programs/echo-server.mjs")),
    server("cordage, selectAsync", node("programs/echo-server-async.mjs")),
    server("C, epoll", ["floor"]),
    server("CPython selectors", ["python3", beside("peers/echo-selectors.py"), "PORT"]),
    server("node:net", node("peers/echo-net.mjs")),
  ];
}
