// An echo server. Run: node echo-server.mjs PORT
import { listen, run, serve } from "@cordage/eventlet";

function echo(connection) {
  try {
    for (let data = connection.recv(1 << 16); data.length > 0; data = connection.recv(1 << 16))
      connection.sendAll(data);
  } catch {
    // the peer has reset it
  }
}

await run(() => serve(listen(["127.0.0.1", Number(process.argv[2])], { backlog: 1000 }), echo));
