// Section 5.3, "IO multiplexing": select, poll and epoll, one after the other. The process is blocked in a call that waits for many sockets
// at once, and asks with recvfrom only those that are ready. That is one call more than with blocking IO, but one process serves all.
import { isMain } from "@cordage/process";
import {
  type Address,
  EpollSelector,
  EVENT_READ,
  PollSelector,
  type Selector,
  SelectSelector,
  type Socket,
} from "@cordage/selectors";
import { print } from "../builtins/print.js";
import { connected, ready, withDataServer } from "../io-models/data-server.js";
import { MESSAGE_SIZE } from "../io-models/message.js";
import { pictureOfSeveral } from "../io-models/picture/several.js";
import { Recorder } from "../io-models/recorder.js";
import type { Recording } from "../io-models/recording.js";
import { printRecording } from "../io-models/report.js";
import { writePicture } from "../pictures/output.js";

export const SYSTEM_CALLS = [
  { name: "select", make: () => new SelectSelector<number, Socket>() },
  { name: "poll", make: () => new PollSelector<number, Socket>() },
  { name: "epoll_wait", make: () => new EpollSelector<number, Socket>() },
] as const;
const CONNECTIONS = 3;

const LESSON =
  "one call waits until a socket is ready, another one reads it: blocked in both, but for many sockets at once";

export function multiplexing(
  address: Address,
  connections = 1,
  { name, make }: (typeof SYSTEM_CALLS)[number] = SYSTEM_CALLS[2],
) {
  using sel: Selector<number, Socket> = make();
  for (let n = 0; n < connections; n++) {
    const sock = connected(address);
    sock.setBlocking(false);
    sel.register(sock, EVENT_READ, n);
  }
  for (const { fileobj } of sel.getMap().values()) ready(fileobj);
  const recorder = new Recorder(`IO multiplexing (${name})`, LESSON);
  while (sel.getMap().size > 0) {
    const events = recorder.call(name, () => sel.select());
    for (const [key] of events) receive(key.fileobj, key.data, sel, recorder);
  }
  return recorder.end();
}

function receive(sock: Socket, connection: number, sel: Selector<number, Socket>, recorder: Recorder) {
  const data = recorder.call("recvfrom", () => sock.recv(MESSAGE_SIZE)); // does not block: it is ready
  if (data.length > 0) return recorder.received(data, connection);
  sel.unregister(sock);
  sock.close();
}

if (isMain(import.meta)) {
  const recordings: Recording[] = [];
  for (const systemCall of SYSTEM_CALLS) {
    const recording = await withDataServer(CONNECTIONS, (address) => multiplexing(address, CONNECTIONS, systemCall));
    printRecording(recording);
    recordings.push(recording);
  }
  print(`picture: ${await writePicture("5.3-io-multiplexing", pictureOfSeveral("IO multiplexing", recordings))}`);
}
