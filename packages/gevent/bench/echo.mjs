// What the echo benches share: the servers. The load is that of the selectors' benches.
import { fileURLToPath } from "node:url";
import { nodeNet, underLoad } from "../../selectors/bench/echo.mjs";

const beside = (file) => fileURLToPath(new URL(file, import.meta.url));

/** @param mode cpu or memory */
export function echoServers(mode, connections) {
  const server = underLoad(mode, connections);
  return [
    server("cordage, StreamServer", [process.execPath, beside("programs/echo-server.mjs"), "PORT"]),
    server("CPython gevent, StreamServer", ["/usr/bin/python3", beside("peers/echo-gevent.py"), "PORT"]),
    server("node:net", nodeNet),
  ];
}
