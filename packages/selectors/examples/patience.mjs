// Blocking calls with and without a limit: a client that reads an answer of HTTP by hand, and one that gives up on a silent server.

import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { isMainThread, parentPort, Worker } from "node:worker_threads";
import { createConnection, createServer, TimeoutError } from "@cordage/selectors";

/** The whole answer to one request; each call may take so many milliseconds. */
function get([host, port], path, timeout) {
  const socket = createConnection([host, port], { timeout });
  try {
    socket.sendAll(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    const parts = [];
    for (let part = socket.recv(4096); part.length > 0; part = socket.recv(4096)) parts.push(part);
    const [head, body] = String(Buffer.concat(parts)).split("\r\n\r\n");
    return { status: Number(head.split(" ")[1]), body };
  } finally {
    socket.close();
  }
}

if (isMainThread) {
  const web = new Worker(new URL(import.meta.url));
  const [address] = await once(web, "message");
  console.log(get(address, "/hello", 10_000));
  await web.terminate();

  const silent = createServer(["127.0.0.1", 0]); // the system takes connections for it, nobody answers
  try {
    get(silent.address(), "/hello", 50);
  } catch (error) {
    console.log(error instanceof TimeoutError, error.message);
  }
  silent.close();
} else {
  const web = createHttpServer(({ url }, answer) =>
    answer.setHeader("Transfer-Encoding", "identity").end(`you asked for ${url}`),
  );
  web.listen(0, "127.0.0.1", () => parentPort.postMessage([web.address().address, web.address().port]));
}

// Prints:
// { status: 200, body: 'you asked for /hello' }
// true cannot receive from the socket: the timeout passed first
