// An echo server: many clients, one thread. It reads from a client only when that has taken the answer before, so one who does not
// read costs a buffer and no more. `node echo-server.mjs 7777` serves for ever; without a port it shows itself.
import { pathToFileURL } from "node:url";
import * as s from "@cordage/selectors";

/** Whatever is ready from now on is to be called: `key.data()`. */
export function serveEcho(selector, listener) {
  const accept = () => {
    let socket;
    try {
      [socket] = listener.accept();
      socket.setBlocking(false);
      serveClient(selector, socket, () => leave(socket));
    } catch (error) {
      socket?.close();
      if (error instanceof s.BlockingIOError || error instanceof s.ConnectionAbortedError) return; // it has gone already
      if (selector.getMap().size === 1) throw error;
      selector.unregister(listener); // no descriptor is left: until somebody leaves
    }
  };
  const leave = (socket) => {
    selector.unregister(socket);
    socket.close();
    if (!selector.getMap().has(listener)) selector.register(listener, s.EVENT_READ, accept);
  };
  listener.setBlocking(false);
  selector.register(listener, s.EVENT_READ, accept);
}

function serveClient(selector, socket, leave) {
  let unsent = Buffer.alloc(0);
  const ready = () => {
    try {
      if (unsent.length === 0) unsent = socket.recv(1 << 16);
      if (unsent.length === 0) return leave(); // its end, and it has all its answers
      unsent = unsent.subarray(socket.send(unsent));
    } catch (error) {
      if (!(error instanceof s.BlockingIOError)) return leave(); // it has reset the connection
    }
    selector.modify(socket, unsent.length === 0 ? s.EVENT_READ : s.EVENT_WRITE, ready);
  };
  selector.register(socket, s.EVENT_READ, ready);
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  const selector = new s.DefaultSelector();
  const listener = s.createServer(["127.0.0.1", Number(process.argv[2] ?? 0)], { backlog: 1000 });
  serveEcho(selector, listener);
  const turn = () => selector.select().forEach(([key]) => void key.data());
  while (process.argv[2]) turn();
  const client = s.createConnection(listener.address());
  client.sendAll("hello");
  for (let i = 0; i < 2; i++) turn();
  console.log(String(client.recv(100)));
}

// Prints:
// hello
