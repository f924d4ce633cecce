/** The server that all five models read: a process that sends messages with pauses between, and knows nothing of who reads how. */
import { type Connection, Pipe } from "@cordage/ipc";
import { Process } from "@cordage/process";
import { type Address, Socket } from "@cordage/selectors";
import { sleep } from "../builtins/sleep.js";
import { MESSAGES, messageSentNow, PAUSE } from "./message.js";

/**
 * The server's process: says where it listens, waits until so many readers are ready, then sends to one after the other, round by
 * round.
 */
export async function serve(parent: Connection, readers: number): Promise<void> {
  using listener = new Socket();
  listener.bind(["127.0.0.1", 0]);
  listener.listen(readers);
  await parent.send(listener.address());
  const connections = Array.from({ length: readers }, () => listener.accept()[0]);
  for (const connection of connections) connection.recv(1);
  for (let n = 0; n < MESSAGES; n++) {
    for (const connection of connections) {
      sleep(PAUSE / readers / 1000);
      connection.sendAll(messageSentNow());
    }
  }
  for (const connection of connections) connection.close();
}

/** Starts the server, lets `read` read it to the end, and waits until the server has ended. */
export async function withDataServer<R>(readers: number, read: (address: Address) => R | Promise<R>): Promise<R> {
  const [ours, theirs] = Pipe();
  const server = new Process({ target: serve, args: [theirs, readers], daemon: true });
  server.start();
  const result = await read((await ours.recv()) as Address);
  await server.join();
  return result;
}

/** A blocking socket that is connected to the server, which sends nothing yet. */
export function connected(address: Address): Socket {
  const sock = new Socket();
  sock.connect(address);
  return sock;
}

/** Lets the server begin. */
export function ready(sock: Socket): void {
  sock.sendAll("!");
}
