// Section 5.2, "non-blocking IO": recvfrom returns at once, with an error while there is no data, and the process asks again and again.
// Between two questions it can do something else. The data is noticed at the next question only, and copied while the process is blocked.
import { isMain } from "@cordage/process";
import { type Address, BlockingIOError, type Socket } from "@cordage/selectors";
import { connected, ready } from "../io-models/data-server.js";
import { demonstrate } from "../io-models/demonstrate.js";
import { MESSAGE_SIZE } from "../io-models/message.js";
import { Recorder } from "../io-models/recorder.js";

const LESSON = "the call returns at once, so the process asks again and again, and notices data only when it asks next";

export function nonBlocking(address: Address) {
  using sock = connected(address);
  sock.setBlocking(false);
  ready(sock);
  const recorder = new Recorder("non-blocking IO", LESSON);
  while (true) {
    const data = recorder.call("recvfrom", () => tryReceive(sock));
    if (data?.length === 0) break;
    if (data) recorder.received(data);
    else recorder.workMeanwhile();
  }
  return recorder.end();
}

/** The data, or undefined if it is not ready yet. */
export function tryReceive(sock: Socket): Buffer | undefined {
  try {
    return sock.recv(MESSAGE_SIZE);
  } catch (error) {
    if (error instanceof BlockingIOError) return undefined;
    throw error;
  }
}

if (isMain(import.meta)) await demonstrate("5.2-non-blocking-io", nonBlocking);
