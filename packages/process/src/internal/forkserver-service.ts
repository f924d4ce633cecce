/** What the fork server does; the protocol stands in forkserver-protocol.ts. */
import "../index.js"; // so that all entries share one file, see scripts/bundle.mjs

import { timingSafeEqual } from "node:crypto";
import { openSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import {
  AGAIN,
  checked,
  decode,
  type NativeHandle,
  native,
  O_NONBLOCK,
  O_RDWR,
  prepareFork,
  READABLE,
  SOCK_STREAM,
} from "@cordage/ipc/sys";
import { readAll } from "./data-descriptor.js";
import { SERVER_DATA, SERVER_LIFE, SERVER_LISTENER, type ServerAddress, useServer } from "./forkserver.js";
import {
  FIRST_PASSED,
  type Handed,
  hand,
  KEY_BYTES,
  Kind,
  NO_DESCRIPTORS_LEFT,
  take,
  tell,
} from "./forkserver-protocol.js";
import { whileImporting } from "./importing.js";
import { disown } from "./launched.js";
import { SIGINT, SIGTERM } from "./signals.js";
import { rehearse, runSpare } from "./spare.js";

/** Before the first start: what they load and meet for the first time would be first in every child. */
const REHEARSALS = 2;
/**
 * In all, while nothing else is asked: what V8 optimises once it has run so often is then optimised here, and not in every
 * child anew, for 2 ms each.
 */
const MOST_REHEARSALS = 120;
/** How long nothing must have been asked, in milliseconds. */
const IDLE = 50;

/** A start that a client asks for. */
interface Start {
  connection: number;
  descriptors: number[];
}

/** A child: the spare until it is handed out. */
interface Child {
  readonly pid: number;
  readonly pidfd: number;
  /** This side of the socket between the two, until it is handed out. */
  readonly channel: number;
  /** Who is told its end, once it is handed out. */
  connection: number | undefined;
}

const NOTHING = new Uint8Array(0);

/** Asked for and not yet handed out, in order. */
const starts: Start[] = [];
let spare: Child | undefined;

/** Every watch of the server: a forked child closes them, they are none of its business. */
const watches = new Map<number, NativeHandle>();
/** Connections whose children run: their exit codes go there. */
const reporting = new Set<number>();

function watch(fd: number, onReady: () => void): void {
  const handle = checked<NativeHandle>(native.watchOpen(fd, onReady), "uv_poll_init");
  watches.set(fd, handle);
  checked(native.watchStart(handle, READABLE), "uv_poll_start");
}

function unwatch(fd: number): void {
  native.watchClose(watches.get(fd)!);
  watches.delete(fd);
}

function closeAll(fds: Iterable<number>): void {
  for (const fd of fds) native.close(fd);
}

/** Reports the exit code when the child ends; after a spare that was killed, the next start has another one. */
function supervise(child: Child): void {
  const { pid, pidfd } = child;
  watch(pidfd, () => {
    const status = new Int32Array(1);
    if (native.waitpid(pid, 0, status) === 0) return;
    unwatch(pidfd);
    native.close(pidfd);
    if (child.connection !== undefined) conclude(child.connection, Kind.Ended, status[0]!);
    else if (spare === child) dropSpare(child);
  });
}

function dropSpare({ channel }: Child): void {
  native.close(channel);
  spare = undefined;
}

/** The last word to a client. */
function conclude(connection: number, kind: Kind, value: number, descriptors: readonly number[] = []): void {
  tell(connection, kind, value);
  reporting.delete(connection);
  closeAll([connection, ...descriptors]);
}

/** False if the spare has died meanwhile. */
function handOut(child: Child, { connection, descriptors }: Start): boolean {
  const sent = hand(child.channel, NOTHING, Int32Array.of(connection, ...descriptors));
  native.close(child.channel);
  if (!sent) return false;
  closeAll(descriptors);
  child.connection = connection;
  return true;
}

/** Forks the spare. In it, 0 and nothing else of the server's goes on. */
function forkSpare(): Child | number {
  const ends = new Int32Array(2);
  const failed = native.socketpair(ends, SOCK_STREAM);
  if (failed < 0) return failed;
  const [ours, theirs] = ends as unknown as [number, number];
  prepareFork();
  const pid = native.fork(1);
  if (pid === 0) {
    native.close(ours);
    becomeSpare(theirs);
    return 0;
  }
  native.close(theirs);
  const pidfd = pid < 0 ? pid : native.pidfdOpen(pid);
  if (pidfd >= 0) return { pid, pidfd, channel: ours, connection: undefined };
  native.close(ours);
  if (pid > 0) disown(pid);
  return pidfd;
}

/** None of the server's descriptors, watches and duties. */
function becomeSpare(channel: number): void {
  clearTimeout(idle);
  const watched = [...watches.keys()];
  for (const fd of watched) unwatch(fd);
  closeAll(new Set([...watched, ...reporting, ...starts.flatMap(({ descriptors }) => descriptors), reserve]));
  starts.length = 0;
  void runSpare(channel, fresh);
}

let rehearsals = 0;
let rehearsing = false;

/** Nothing may be forked meanwhile: the child would wait for threads that were reading a file. */
async function rehearseHere(): Promise<void> {
  rehearsing = true;
  await rehearse(`server-${rehearsals++}`);
  rehearsing = false;
}

let idle: NodeJS.Timeout | undefined;

function planRehearsal(): void {
  clearTimeout(idle);
  idle = setTimeout(async () => {
    while (spare && !turnPlanned && rehearsals < MOST_REHEARSALS) await rehearseHere();
    planTurn(); // what was asked meanwhile may have taken the spare
  }, IDLE);
}

let turnPlanned = false;

/** Forks happen at the top of a turn of the event loop, where no code of the server's is left to run in the child. */
function planTurn(): void {
  if (turnPlanned) return;
  turnPlanned = true;
  setImmediate(takeTurn);
}

/** Serves a start if there is one, and sees to it that there is a spare for the next. */
function takeTurn(): void {
  turnPlanned = false;
  const start = spare && starts.shift();
  if (spare && start) {
    if (!handOut(spare, start)) starts.unshift(start);
    spare = undefined;
  }
  if (!spare && !rehearsing) renewSpare();
}

function renewSpare(): void {
  const forked = forkSpare();
  if (forked === 0) return;
  if (typeof forked === "number") {
    for (const { connection, descriptors } of starts.splice(0)) conclude(connection, Kind.Failed, forked, descriptors);
    return;
  }
  spare = forked;
  supervise(spare);
  if (starts.length > 0) planTurn();
  else if (rehearsals < MOST_REHEARSALS) planRehearsal();
}

/** What is wrong with a request, if anything is. */
function refusalOf(request: Handed | number | undefined, key: Uint8Array): [Kind, number] | undefined {
  if (typeof request !== "object" || !timingSafeEqual(request.head, key)) return [Kind.Refused, 0];
  if (!request.whole) return [Kind.Failed, NO_DESCRIPTORS_LEFT];
  return request.descriptors.length < FIRST_PASSED ? [Kind.Refused, 0] : undefined;
}

function answer(connection: number, key: Uint8Array): void {
  const request = take(connection, KEY_BYTES);
  if (request === AGAIN) return;
  unwatch(connection);
  const descriptors = typeof request === "object" ? request.descriptors : [];
  const refusal = refusalOf(request, key);
  if (refusal) {
    conclude(connection, ...refusal, descriptors);
    return;
  }
  reporting.add(connection);
  starts.push({ connection, descriptors });
  planTurn();
}

function accept(): number {
  return native.accept(SERVER_LISTENER, new Uint8Array(128), new Int32Array(1), 1);
}

function acceptAll(key: Uint8Array): void {
  for (let connection = accept(); connection !== AGAIN; connection = accept()) {
    if (connection >= 0) watch(connection, () => answer(connection, key));
    else if (connection !== NO_DESCRIPTORS_LEFT || !turnAway()) return;
  }
}

/** Kept open, so that there is one left with which to tell a client that there is none; -1 where it is not to be had. */
let reserve = openReserve();

function openReserve(): number {
  try {
    return openSync("/dev/null", "r");
  } catch {
    return -1;
  }
}

/** False when there was nobody, or no way to tell. */
function turnAway(): boolean {
  native.close(reserve);
  const connection = accept();
  if (connection >= 0) conclude(connection, Kind.Failed, NO_DESCRIPTORS_LEFT);
  reserve = openReserve();
  return connection >= 0;
}

/** Nothing but this package runs in this process. */
let fresh = true;

/** Nothing in these modules may start processes here. */
async function importAll(siblings: string[], preload: string[]): Promise<void> {
  // As this package itself, see forkserver-main.ts.
  setFlagsFromString("--no-lazy");
  for (const url of siblings) await import(url);
  setFlagsFromString("--lazy");
  for (const url of preload) await import(url).catch((error) => console.error(`cannot preload ${url}:`, error));
}

export async function serve(): Promise<void> {
  native.signalAction(SIGINT, 1); // Ctrl-C is for the programs, not for their server
  native.signalAction(SIGTERM, 1);
  const { address, siblings, preload, argv } = decode(readAll(SERVER_DATA)) as {
    address: ServerAddress;
    siblings: string[];
    preload: string[];
    argv: string[];
  };
  process.argv = [process.execPath, ...argv];
  fresh = preload.length === 0;
  await whileImporting(() => importAll(siblings, preload));
  await import(new URL("./index.js", import.meta.url).href); // what the children's modules will import
  performance.now(); // the first use of it loads eleven modules of Node's
  while (rehearsals < REHEARSALS) await rehearseHere();
  useServer(address);
  native.setFlags(SERVER_LISTENER, O_NONBLOCK | O_RDWR);
  watch(SERVER_LISTENER, () => acceptAll(address.key));
  watch(SERVER_LIFE, () => process.exit(0));
  planTurn();
}
