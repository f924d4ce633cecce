// Section 3.3.2, "管道(pipe)"; the Python original is python/3.3.2-pipe.py.
import { type Connection, Pipe } from "@cordage/ipc";
import { isMain, Process } from "@cordage/process";
import { print } from "../builtins/print.js";

export async function f(conn: Connection) {
  await conn.send([12, { name: "yuan" }, "hello"]);
  const response = await conn.recv();
  print("response", response);
  conn.close();
}

if (isMain(import.meta)) {
  const [parentConn, childConn] = Pipe();
  const p = new Process({ target: f, args: [childConn] });
  p.start();
  print(await parentConn.recv());
  await parentConn.send("儿子你好!");
  await p.join();
}
