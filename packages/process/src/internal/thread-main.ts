/** The main module of a worker thread that was started as a process. */
import "../index.js"; // so that all entries share one file, see scripts/bundle.mjs

import { writeSync } from "node:fs";
import { workerData } from "node:worker_threads";
import { native, pollDescriptor, WRITABLE } from "@cordage/ipc/sys";
import { runChild } from "./child.js";
import { EXIT_CODE, NEW, STATE, TAKEN, type ThreadData } from "./thread.js";

/**
 * Output goes straight to the descriptor: through the parent's event loop, as threads usually write, it would come late
 * while the parent blocks, and not at all when the thread is ended.
 */
function writeDirectly(stream: NodeJS.WriteStream, fd: number): void {
  stream._write = (chunk, encoding, done) => {
    const bytes = typeof chunk === "string" ? Buffer.from(chunk, encoding) : chunk;
    try {
      for (let at = 0; at < bytes.length; ) at += writeSome(fd, bytes, at);
      done();
    } catch (error) {
      done(error as Error);
    }
  };
  (stream as { _writev?: unknown })._writev = undefined;
}

function writeSome(fd: number, bytes: Uint8Array, at: number): number {
  try {
    return writeSync(fd, bytes, at);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
    pollDescriptor(fd, WRITABLE, Number.POSITIVE_INFINITY);
    return 0;
  }
}

const { data, passed, end, status } = workerData as ThreadData;
if (Atomics.compareExchange(status, STATE, NEW, TAKEN) !== NEW) process.exit();
native.closeAtEnd(end);
for (const fd of passed) native.closeAtEnd(fd);
writeDirectly(process.stdout, 1);
writeDirectly(process.stderr, 2);
process.on("exit", (code) => Atomics.store(status, EXIT_CODE, code));
void runChild(data, -1, (index) => passed[index]!);
