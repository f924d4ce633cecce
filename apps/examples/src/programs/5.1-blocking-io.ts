// Section 5.1, "blocking IO": one system call, recvfrom, waits for the data and copies it. The process is blocked in both phases.
import { isMain } from "@cordage/process";
import type { Address } from "@cordage/selectors";
import { connected, ready } from "../io-models/data-server.js";
import { demonstrate } from "../io-models/demonstrate.js";
import { MESSAGE_SIZE } from "../io-models/message.js";
import { Recorder } from "../io-models/recorder.js";

const LESSON = "one call waits for the data and copies it: the process is blocked in both phases";

export function blocking(address: Address) {
  using sock = connected(address); // blocking, as every socket is by default
  ready(sock);
  const recorder = new Recorder("blocking IO", LESSON);
  while (true) {
    const data = recorder.call("recvfrom", () => sock.recv(MESSAGE_SIZE));
    if (data.length === 0) break;
    recorder.received(data);
  }
  return recorder.end();
}

if (isMain(import.meta)) await demonstrate("5.1-blocking-io", blocking);
