// Section 5.5's fifth model, which the document only names: "signal driven IO". The kernel sends SIGIO when data has arrived; until then the
// process does something else. What it is told is that it can read now: copying the data is still its own system call.
import { F_GETFL, F_SETFL, F_SETOWN, fcntl, O_ASYNC } from "@cordage/ipc/sys";
import { isMain } from "@cordage/process";
import type { Address, Socket } from "@cordage/selectors";
import { connected, ready } from "../io-models/data-server.js";
import { demonstrate } from "../io-models/demonstrate.js";
import { turn } from "../io-models/other-work.js";
import { Recorder } from "../io-models/recorder.js";
import { tryReceive } from "./5.2-non-blocking-io.js";

const LESSON = "a signal says that there is data: the process is blocked only while it copies";

export async function signalDriven(address: Address) {
  using sock = connected(address);
  sock.setBlocking(false);
  const recorder = new Recorder("signal-driven IO", LESSON);
  let ended = false;
  const onSignal = () => {
    recorder.heardSignal();
    ended ||= receiveAll(sock, recorder);
  };
  process.on("SIGIO", onSignal); // first: without a handler the signal would end the process
  const flags = fcntl(sock.fileno(), F_GETFL);
  fcntl(sock.fileno(), F_SETOWN, process.pid);
  fcntl(sock.fileno(), F_SETFL, flags | O_ASYNC);
  ready(sock);
  while (!ended) {
    await turn();
    if (!ended) recorder.workMeanwhile();
  }
  fcntl(sock.fileno(), F_SETFL, flags);
  process.off("SIGIO", onSignal);
  return recorder.end();
}

/** One signal may stand for several messages, so everything is taken that is there. @returns whether the server has closed */
function receiveAll(sock: Socket, recorder: Recorder): boolean {
  while (true) {
    const data = recorder.call("recvfrom", () => tryReceive(sock));
    if (data === undefined) return false;
    if (data.length === 0) return true;
    recorder.received(data);
  }
}

if (isMain(import.meta)) await demonstrate("5.5-signal-driven-io", signalDriven);
