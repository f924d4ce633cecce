// What the clients talk to: both answer with what they were sent.
import { server, sleep, wsgi } from "@cordage/gevent";

/** What a server sees of a client that was killed. */
const GONE = new Set(["ECONNRESET", "EPIPE", "ECONNABORTED"]);
export const isGone = (error) => GONE.has(error?.code) || GONE.has(error?.cause?.code);

function echo(socket) {
  try {
    for (let data = socket.recv(50_000); data.length > 0; data = socket.recv(50_000)) socket.sendAll(data);
  } catch (error) {
    if (!isGone(error)) throw error;
  }
}

/** The path says how long it is to take. */
function answer(request, response) {
  const body = wsgi.readBody(request);
  sleep(Number(request.url.slice(1)));
  response.end(body);
}

export function startServers() {
  const echoes = new server.StreamServer(["127.0.0.1", 0], echo, { spawn: 50 });
  const pages = new wsgi.Server(["127.0.0.1", 0], answer);
  echoes.start();
  pages.start();
  return {
    ports: { echo: echoes.address[1], http: pages.address[1] },
    /** Waits for everything that they still do. */
    stop() {
      echoes.stop({ timeout: null });
      pages.stop({ timeout: null });
    },
  };
}
