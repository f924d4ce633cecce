// Section 5.5, "IO模型比较分析": all five models read the same kind of server, one after the other; a table and one picture compare them.
import { IoUring } from "@cordage/ipc/sys";
import { isMain } from "@cordage/process";
import { print } from "../builtins/print.js";
import { printComparison } from "../io-models/comparison.js";
import { withDataServer } from "../io-models/data-server.js";
import { pictureOfAll } from "../io-models/picture/comparison.js";
import type { Recording } from "../io-models/recording.js";
import { writePicture } from "../pictures/output.js";
import { blocking } from "./5.1-blocking-io.js";
import { nonBlocking } from "./5.2-non-blocking-io.js";
import { multiplexing } from "./5.3-io-multiplexing.js";
import { asynchronous } from "./5.4-asynchronous-io.js";
import { signalDriven } from "./5.5-signal-driven-io.js";

if (isMain(import.meta)) {
  const reason = IoUring.unavailable();
  const recordings: Recording[] = [];
  for (const model of [blocking, nonBlocking, multiplexing, signalDriven, ...(reason ? [] : [asynchronous])])
    recordings.push(await withDataServer(1, (address) => model(address)));
  printComparison(recordings);
  if (reason) print(`asynchronous IO: not shown, because ${reason}`);
  print(`picture: ${await writePicture("5.5-comparison", pictureOfAll(recordings))}`);
}
