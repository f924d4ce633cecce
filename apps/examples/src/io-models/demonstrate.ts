/** Runs one model against the data server, prints what it did, and draws it. */
import type { Address } from "@cordage/selectors";
import { print } from "../builtins/print.js";
import { writePicture } from "../pictures/output.js";
import { withDataServer } from "./data-server.js";
import { pictureOf } from "./picture/single.js";
import type { Recording } from "./recording.js";
import { printRecording } from "./report.js";

/** @param name of the program, and of its picture */
export async function demonstrate(
  name: string,
  read: (address: Address) => Recording | Promise<Recording>,
): Promise<void> {
  const recording = await withDataServer(1, read);
  printRecording(recording);
  print(`picture: ${await writePicture(name, pictureOf(recording))}`);
}
