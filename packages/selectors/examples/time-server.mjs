// The time over UDP: a server on a thread of its own, and a client that does not wait for ever, because datagrams may be lost.
import { once } from "node:events";
import { isMainThread, parentPort, Worker } from "node:worker_threads";
import { Socket, TimeoutError } from "@cordage/selectors";

/** Answers whoever asks, until it is told to stop. */
function serve(socket) {
  for (;;) {
    const [question, sender] = socket.recvFrom(100);
    if (String(question) === "stop") return socket.close();
    if (String(question) === "time?") socket.sendTo(new Date().toISOString(), sender);
  }
}

/** Asks a few times, and waits longer each time. */
function timeFrom(socket) {
  for (const patience of [500, 2000, 10_000]) {
    socket.setTimeout(patience);
    socket.send("time?");
    try {
      return new Date(String(socket.recv(100)));
    } catch (error) {
      if (!(error instanceof TimeoutError)) throw error;
    }
  }
  throw new Error(`no answer: ${socket}`);
}

const socket = new Socket({ type: "dgram" });
if (isMainThread) {
  const server = new Worker(new URL(import.meta.url));
  const [address] = await once(server, "message");
  socket.connect(address); // answers of others are not heard
  const began = Date.now();
  const time = timeFrom(socket).getTime();
  console.log("between the question and the answer:", began <= time && time <= Date.now());
  socket.send("stop");
  await once(server, "exit");
  socket.close();
} else {
  socket.bind(["127.0.0.1", 0]);
  parentPort.postMessage(socket.address());
  serve(socket);
}

// Prints:
// between the question and the answer: true
