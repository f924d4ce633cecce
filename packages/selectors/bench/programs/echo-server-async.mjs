// As echo-server.mjs, on Node's event loop, into one buffer. Run: node echo-server-async.mjs PORT
import { createServer, DefaultSelector, EVENT_READ } from "@cordage/selectors";

const selector = new DefaultSelector();
const buffer = Buffer.alloc(1 << 16);

function accept(listener) {
  const [connection] = listener.accept();
  connection.setBlocking(false);
  selector.register(connection, EVENT_READ, read);
}

function read(connection) {
  const size = received(connection);
  if (size > 0) {
    connection.send(buffer.subarray(0, size));
  } else {
    selector.unregister(connection);
    connection.close();
  }
}

function received(connection) {
  try {
    return connection.recvInto(buffer);
  } catch {
    return 0; // the peer has reset it
  }
}

const listener = createServer(["127.0.0.1", Number(process.argv[2])], { backlog: 1000 });
listener.setBlocking(false);
selector.register(listener, EVENT_READ, accept);
for (;;) for (const [key, events] of await selector.selectAsync()) key.data(key.fileobj, events);
