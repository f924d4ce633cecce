// An extra of section 3.3.3, not in the document: clients of a manager that they reach over TCP, and that know its key
// or do not. The same in Python is python/3.3.3-manager-remote.py.
import { type Address, AuthenticationError, type Connection, Pipe } from "@cordage/ipc";
import { BaseManager, type QueueProxy, served } from "@cordage/manager";
import { isMain, Process } from "@cordage/process";
import { print } from "../builtins/print.js";

class QueueManager extends BaseManager {
  declare readonly getQueue: () => Promise<QueueProxy<number>>;
}

export async function serve(conn: Connection) {
  const q = served.Queue<number>();
  QueueManager.register("getQueue", () => q);
  const manager = new QueueManager({ address: ["127.0.0.1", 0], authkey: "abracadabra" });
  const server = manager.getServer();
  await server.listen();
  await conn.send(server.address);
  await server.serveForever();
}

async function connect(address: Address, authkey: string) {
  QueueManager.register("getQueue");
  const manager = new QueueManager({ address, authkey });
  await manager.connect();
  return await manager.getQueue();
}

export async function put(address: Address) {
  const q = await connect(address, "abracadabra");
  for (let n = 0; n < 3; n++) await q.put(n);
}

export async function get(address: Address) {
  const q = await connect(address, "abracadabra");
  for (let n = 0; n < 3; n++) print("got", await q.get());
}

export async function intrude(address: Address) {
  try {
    await connect(address, "open sesame");
  } catch (error) {
    if (error instanceof AuthenticationError) print("refused");
    else throw error;
  }
}

if (isMain(import.meta)) {
  const [parentConn, childConn] = Pipe();
  const server = new Process({ target: serve, args: [childConn] });
  server.start();
  const address = (await parentConn.recv()) as Address;
  const clients = [get, put].map((target) => new Process({ target, args: [address] }));
  for (const p of clients) p.start();
  for (const p of clients) await p.join();
  const p = new Process({ target: intrude, args: [address] });
  p.start();
  await p.join();
  server.terminate();
  await server.join();
}
