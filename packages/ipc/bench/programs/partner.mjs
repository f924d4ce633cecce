// A second process that gets shared objects: the codec's bytes travel on its command line.
import { spawn } from "node:child_process";
import { once } from "node:events";
import "@cordage/ipc";
import { decode, encode } from "@cordage/ipc/sys";

/** Starts this same program again with these objects; `descriptors` become 3, 4, ... there. */
export function startPartner(objects, descriptors = []) {
  const args = [...process.execArgv, ...process.argv.slice(1), encode(objects).toString("hex")];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "inherit", "inherit", ...descriptors] });
  return { child, ended: once(child, "exit") };
}

/** In a partner, what it was started with; otherwise undefined. `words` is how many arguments the program has. */
export function partnersObjects(words) {
  const hex = process.argv[2 + words];
  return hex === undefined ? undefined : decode(Buffer.from(hex, "hex"));
}
