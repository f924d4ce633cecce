// An echo server. Run: node echo-server.mjs PORT
import { run, server } from "@cordage/gevent";

function echo(socket) {
  try {
    for (let data = socket.recv(1 << 16); data.length > 0; data = socket.recv(1 << 16)) socket.sendAll(data);
  } catch {
    // the peer has reset it
  }
}

await run(() =>
  new server.StreamServer(["127.0.0.1", Number(process.argv[2])], echo, { backlog: 1000 }).serveForever(),
);
