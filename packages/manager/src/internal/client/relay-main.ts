/** The program of a relay's thread (see relay.ts). */
import { workerData } from "node:worker_threads";
import { Channel } from "../protocol.js";
import { helloOf, open } from "./open.js";
import { type FromRelay, packedFailure, type RelayData } from "./relay.js";

const { target, session, port, said } = workerData as RelayData;

function say(what: FromRelay): void {
  port.postMessage(what);
  Atomics.add(said, 0, 1);
  Atomics.notify(said, 0);
}

async function serve(): Promise<void> {
  const { wire, welcome } = await open(target, helloOf(Channel.BLOCKING, session));
  wire.onClose = (error) => say({ failed: packedFailure(error ?? new Error("the server closed the connection")) });
  wire.open(welcome.largest, (frame) => say({ message: Uint8Array.from(frame) }));
  port.on("message", (message: Uint8Array) => {
    wire.send(Buffer.from(message.buffer, message.byteOffset, message.length));
    wire.flush();
  });
  say({ greeted: welcome });
}

serve().catch((error) => say({ failed: packedFailure(error) }));
