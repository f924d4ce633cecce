// The document's echo server on our selectors. Run: node echo-server.mjs PORT
import { createServer, DefaultSelector, EVENT_READ } from "@cordage/selectors";

const selector = new DefaultSelector();

function accept(listener) {
  const [connection] = listener.accept();
  connection.setBlocking(false);
  selector.register(connection, EVENT_READ, read);
}

function read(connection) {
  const data = received(connection);
  if (data.length > 0) {
    connection.send(data);
  } else {
    selector.unregister(connection);
    connection.close();
  }
}

function received(connection) {
  try {
    return connection.recv(1 << 16);
  } catch {
    return Buffer.alloc(0); // the peer has reset it
  }
}

const listener = createServer(["127.0.0.1", Number(process.argv[2])], { backlog: 1000 });
listener.setBlocking(false);
selector.register(listener, EVENT_READ, accept);
for (;;) for (const [key, events] of selector.select()) key.data(key.fileobj, events);
