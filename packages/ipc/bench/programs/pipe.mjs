// sync|promises value|bytes
import { Pipe } from "@cordage/ipc";
import { connectionFromDescriptor } from "@cordage/ipc/sys";
import { count, report, seconds } from "../../../../scripts/bench/program.mjs";
import { partnersObjects, startPartner } from "./partner.mjs";

const [, , form, what] = process.argv;
const bytes = what === "bytes";
const n = count(bytes ? 300 : form === "sync" ? 50_000 : 20_000);
const message = bytes ? Buffer.alloc(1 << 20, 1) : [12, { name: "yuan" }, "hello"];
const [send, recv] = bytes ? ["sendBytes", "recvBytes"] : ["send", "recv"];

async function echo(connection) {
  if (form === "sync") for (;;) connection[`${send}Sync`](connection[`${recv}Sync`]());
  else for (;;) await connection[send](await connection[recv]());
}

async function roundTrips(connection, times) {
  for (let i = 0; i < times; i++) {
    if (form === "sync") {
      connection[`${send}Sync`](message);
      connection[`${recv}Sync`]();
    } else {
      await connection[send](message);
      await connection[recv]();
    }
  }
}

if (partnersObjects(2)) {
  await echo(connectionFromDescriptor(3)).catch((error) => {
    if (error.code !== "ERR_EOF") throw error;
  });
} else {
  const [mine, its] = Pipe();
  const { ended } = startPartner([], [its.fileno()]);
  its.close();
  await roundTrips(mine, Math.ceil(n / 10));
  const took = await seconds(() => roundTrips(mine, n));
  report(bytes ? (2 * message.length * n) / took / 1e6 : (took / n) * 1e6);
  mine.close();
  await ended;
}
