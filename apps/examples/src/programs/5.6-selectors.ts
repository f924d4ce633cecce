// Section 5.6, "selectors模块"; the Python original is python/5.6-selectors.py. The document's server is serve(), line for line; what it does not
// have is a client and an end, which are below.
import { type Connection, Pipe } from "@cordage/ipc";
import { isMain, Process } from "@cordage/process";
import * as selectors from "@cordage/selectors";
import { print, repr } from "../builtins/print.js";

export async function serve(ready: Connection) {
  const sel = new selectors.DefaultSelector();

  function accept(sock: selectors.Socket, _mask: number) {
    const [conn, addr] = sock.accept(); // Should be ready
    print("accepted", conn, "from", addr);
    conn.setBlocking(false);
    sel.register(conn, selectors.EVENT_READ, read);
  }

  function read(conn: selectors.Socket, _mask: number) {
    const data = conn.recv(1000); // Should be ready
    if (data.length > 0) {
      print("echoing", repr(data), "to", conn);
      conn.send(data); // Hope it won't block
    } else {
      print("closing", conn);
      sel.unregister(conn);
      conn.close();
    }
  }

  const sock = new selectors.Socket();
  sock.bind(["localhost", 0]); // the document's port is 1234, which somebody may use
  sock.listen(100);
  sock.setBlocking(false);
  sel.register(sock, selectors.EVENT_READ, accept);
  await ready.send(sock.address());

  while (true) {
    const events = sel.select();
    for (const [key, mask] of events) {
      const callback = key.data;
      callback(key.fileobj, mask);
    }
  }
}

if (isMain(import.meta)) {
  const [parentConn, childConn] = Pipe();
  const server = new Process({ target: serve, args: [childConn] });
  server.start();
  using client = new selectors.Socket();
  client.connect((await parentConn.recv()) as selectors.Address);
  for (const word of ["hello", "world"]) {
    client.sendAll(word);
    print("got", repr(client.recv(1000)));
  }
  client.shutdown(selectors.SHUT_WR);
  client.recv(1000); // the server has closed
  server.terminate();
  await server.join();
}
