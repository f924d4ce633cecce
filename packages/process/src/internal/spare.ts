/** The child that a fork server has forked ahead: what it does until it is handed out, and then; see forkserver-protocol.ts. */
import { encode, native, O_RDWR, pollDescriptor, READABLE } from "@cordage/ipc/sys";
import { reviveBody } from "./body.js";
import { runChild, takeEnvironment } from "./child.js";
import { currentDirectory } from "./current-directory.js";
import { readAll } from "./data-descriptor.js";
import { renewProcess, renewRandomness } from "./forked.js";
import {
  DATA,
  FIRST_PASSED,
  KEY_BYTES,
  Kind,
  LIFE,
  NO_DESCRIPTORS_LEFT,
  STDERR,
  STDOUT,
  take,
  tell,
} from "./forkserver-protocol.js";
import { packPreparation, unpackPreparation } from "./preparation.js";

/** How long no start must have come, in milliseconds. */
const LULL = 10;

/** For want of these something cannot be rehearsed, and will be met when it is done. */
const SCARCE = new Set(["EMFILE", "ENFILE", "ENOMEM"]);

/**
 * Goes through what every child does first, with a target that does nothing. Done by the server, it loads what children
 * need of Node's and lets V8 learn; done by the spare, it has the pages copied that the child will write to.
 * @param variant tells the import of a spare from its server's, as imports are cached
 */
export async function rehearse(variant: string): Promise<void> {
  const reference = { url: new URL(`./rehearsal.js?${variant}`, import.meta.url).href, name: "nothing" };
  const body = encode({ cls: undefined, state: {}, target: undefined, reference, args: [], kwargs: undefined });
  const prepared = unpackPreparation(
    packPreparation({
      name: "",
      daemon: false,
      identity: [],
      parent: { pid: 0, name: "" },
      method: "forkserver",
      authkey: new Uint8Array(KEY_BYTES),
      argv: process.argv,
      cwd: currentDirectory(),
      env: { ...process.env },
      body,
    }),
  );
  takeEnvironment(prepared.env!);
  renewRandomness();
  await reviveBody(prepared.body, () => -1).catch((error) => {
    if (!SCARCE.has(error.cause?.code)) throw error;
  });
}

interface Work {
  connection: number;
  descriptors: number[];
}

/** Blocks until the server hands over a start; its end is the spare's. */
function awaitWork(channel: number): Work {
  const handed = take(channel, 0);
  if (typeof handed !== "object") native.exitNow(0);
  const [connection, ...descriptors] = handed.descriptors as [number, ...number[]];
  if (!handed.whole) {
    tell(connection, Kind.Failed, NO_DESCRIPTORS_LEFT);
    native.exitNow(0);
  }
  native.close(channel);
  return { connection, descriptors };
}

/** Says who it is, now that signals which are meant for it reach it. Fails for want of a descriptor alone. */
function present(connection: number): void {
  native.releaseSignals();
  const pidfd = native.pidfdOpen(process.pid);
  if (pidfd < 0) {
    tell(connection, Kind.Failed, pidfd);
    native.exitNow(0);
  }
  tell(connection, Kind.Started, process.pid, pidfd);
  native.close(pidfd);
}

/** Without a "go" nobody knows of this child. */
function awaitGo(connection: number): void {
  native.setFlags(connection, O_RDWR);
  if (native.read(connection, new Uint8Array(1), 0, 1) !== 1) native.exitNow(0);
}

/**
 * The life of a child, from right after the fork on.
 * @param fresh nothing but this package has run in the server
 */
export async function runSpare(channel: number, fresh: boolean): Promise<void> {
  renewProcess(fresh);
  const alive = setInterval(() => {}, 2 ** 30); // an event loop that runs empty would end the process
  // While starts come one upon the other, rehearsing would take the processor from those that run.
  const isWanted = pollDescriptor(channel, READABLE, LULL);
  if (!isWanted) await rehearse("spare");
  const { connection, descriptors } = awaitWork(channel);
  present(connection);
  native.dup2(descriptors[STDOUT]!, 1);
  native.dup2(descriptors[STDERR]!, 2);
  native.close(descriptors[STDOUT]!);
  native.close(descriptors[STDERR]!);
  const data = readAll(descriptors[DATA]!);
  awaitGo(connection);
  clearInterval(alive);
  await runChild(data, descriptors[LIFE]!, (index) => descriptors[FIRST_PASSED + index]!);
}
