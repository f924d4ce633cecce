// Clients in processes of their own, most of which are killed while they talk.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { sleep, wait } from "@cordage/gevent";

const PROGRAM = fileURLToPath(new URL("client.mjs", import.meta.url));

function start(kind, port, seed) {
  const child = spawn(process.execPath, [PROGRAM, kind, port, seed], { stdio: ["pipe", "ignore", "inherit"] });
  const ended = new Promise((resolve) => child.on("close", (code, signal) => resolve(signal ?? code)));
  return { child, ended };
}

/**
 * Starts some of each kind; has all but one of each killed at any time, and the last one end by itself. Returns how they ended.
 * @param ports of each kind
 */
export function comeAndGo(ports, random, milliseconds) {
  const kinds = Object.entries(ports);
  const doomed = kinds.flatMap(([kind, port]) => [1, 2].map(() => start(kind, port, random(2 ** 31))));
  const lucky = kinds.map(([kind, port]) => start(kind, port, random(2 ** 31)));
  for (const { child } of doomed) {
    sleep(random(Math.ceil((2 * milliseconds) / doomed.length)));
    child.kill("SIGKILL");
  }
  for (const { child } of lucky) child.stdin.end();
  return { killed: doomed.map(({ ended }) => wait(ended)), ended: lucky.map(({ ended }) => wait(ended)) };
}
