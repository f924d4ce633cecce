// Section 5.4, "Asynchronous I/O": the process hands the read over and goes on at once. The kernel waits for the data, copies it to the
// process's memory, and only then says so. Linux's io_uring does that for sockets; where the kernel has none, the program says so.
import { IoUring } from "@cordage/ipc/sys";
import { isMain } from "@cordage/process";
import type { Address } from "@cordage/selectors";
import { print } from "../builtins/print.js";
import { connected, ready } from "../io-models/data-server.js";
import { demonstrate } from "../io-models/demonstrate.js";
import { MESSAGE_SIZE } from "../io-models/message.js";
import { turn } from "../io-models/other-work.js";
import { Recorder } from "../io-models/recorder.js";

const LESSON = "the kernel waits and copies by itself: the process is blocked in neither phase";

export async function asynchronous(address: Address) {
  using sock = connected(address);
  using ring = new IoUring();
  ready(sock);
  const recorder = new Recorder("asynchronous IO", LESSON);
  while (true) {
    // A system call too, but one that only hands the read over and returns at once.
    const reading = recorder.callSoon("io_uring_enter", () => ring.read(sock.fileno(), MESSAGE_SIZE));
    let done = false;
    const finish = () => {
      done = true;
    };
    reading.then(finish, finish);
    while (!done) {
      await turn();
      if (!done) recorder.workMeanwhile();
    }
    const data = await reading; // it is there already
    if (data.length === 0) break;
    recorder.completed(data);
  }
  return recorder.end();
}

if (isMain(import.meta)) {
  const reason = IoUring.unavailable();
  if (reason) print(`asynchronous IO: not shown, because ${reason}`);
  else await demonstrate("5.4-asynchronous-io", asynchronous);
}
