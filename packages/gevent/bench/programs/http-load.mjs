// Starts a server, and has wrk (Debian's) make requests over 50 connections. Run: node http-load.mjs COMMAND..., which is given a port.
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { count, report } from "../../../../scripts/bench/program.mjs";

const [command, ...args] = process.argv.slice(2);

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

async function untilItListens(port) {
  for (;;) {
    const socket = connect(port, "127.0.0.1");
    try {
      await once(socket, "connect");
      return;
    } catch {
      await sleep(10);
    } finally {
      socket.destroy();
    }
  }
}

function requestsPerSecond(port, seconds) {
  const url = `http://127.0.0.1:${port}/`;
  const said = execFileSync("wrk", ["-t", "1", "-c", "50", "-d", String(seconds), url], { encoding: "utf8" });
  if (/Non-2xx|Socket errors/.test(said)) throw new Error(said);
  return Number(/Requests\/sec:\s+([\d.]+)/.exec(said)[1]);
}

const port = await freePort();
const server = spawn(command, [...args, String(port)], { stdio: ["ignore", "ignore", "inherit"] });
try {
  await untilItListens(port);
  requestsPerSecond(port, 1);
  report(requestsPerSecond(port, count(5)));
} finally {
  server.kill("SIGKILL");
}
