/**
 * The resource tracker's program (see client.ts). Descriptor 3 is its first client, 4 listens for more.
 *
 * It ends when its last client and the root of the tree are gone; then it removes what is left and says so.
 * Source: CPython Lib/multiprocessing/resource_tracker.py.
 */
import { unlinkSync, writeSync } from "node:fs";
import { createServer, Socket } from "node:net";
import { createInterface } from "node:readline";
import { type NativeHandle, native, type OrErrno } from "../native.js";
import { segmentPath } from "../shm/path.js";
import { READABLE } from "../sys/constants.js";
import { sameUser } from "./socket.js";

const FIRST_CLIENT = 3;
const LISTENER = 4;
/** Time for a client that connected a moment ago to be seen, in milliseconds. */
const GRACE = 30;

/** How much later than it was said anything may be heard, in milliseconds. */
const LATE = 10_000;

const names = new Set<string>();
const lastSaid = new Map<string, number>();
let clients = 0;
let rootLives = true;

function say(text: string): void {
  try {
    writeSync(2, `resource_tracker: ${text}\n`);
  } catch {
    // Nobody is left to read it.
  }
}

function remove(name: string): void {
  try {
    unlinkSync(segmentPath(name));
  } catch (error) {
    say(`${JSON.stringify(name)}: ${(error as Error).message}`);
  }
}

function finish(): void {
  if (clients > 0 || rootLives) return;
  if (names.size > 0) {
    const list = [...names].map((name) => JSON.stringify(name)).join(", ");
    say(`There appear to be ${names.size} leaked shared_memory objects to clean up at shutdown: ${list}`);
    for (const name of names) remove(name);
  }
  process.exit(names.size > 0 ? 1 : 0);
}

function finishSoon(): void {
  if (clients === 0 && !rootLives) setTimeout(finish, GRACE);
}

function rootGone(): void {
  rootLives = false;
  finishSoon();
}

/**
 * Clients have a connection each, so what one said before another may be heard after it: a child's "+" after its
 * parent's "-", say. Each name obeys what was said last, by the clock that all processes share.
 */
function obey(line: string): void {
  const [operation, name, time] = JSON.parse(line) as [string, string, number];
  if (operation === "stop") rootGone();
  else if (time >= (lastSaid.get(name) ?? 0)) {
    lastSaid.set(name, time);
    if (operation === "+") names.add(name);
    else forget(name, time);
  }
}

function forget(name: string, time: number): void {
  names.delete(name);
  const drop = () => lastSaid.get(name) === time && lastSaid.delete(name);
  setTimeout(drop, LATE).unref();
}

function serve(client: Socket): void {
  clients++;
  client.on("error", () => {});
  client.on("close", () => {
    clients--;
    finishSoon();
  });
  createInterface({ input: client }).on("line", obey);
}

/** Another user's process may connect: it is not heard. */
function admit(client: Socket): void {
  const { fd } = (client as unknown as { _handle: { fd: number } })._handle;
  if (sameUser(fd)) serve(client);
  else client.destroy();
}

// Kept, because a watch that is collected is closed.
let rootWatch: OrErrno<NativeHandle>;

/** Whether the root is being watched; it is not if it has ended already. */
function watchRoot(pid: number, start: number): boolean {
  const pidfd = native.pidfdOpen(pid);
  if (pidfd < 0 || native.taskStart(pid) !== start) return false;
  rootWatch = native.watchOpen(pidfd, rootGone);
  return typeof rootWatch !== "number" && native.watchStart(rootWatch, READABLE) === 0;
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => {});
serve(new Socket({ fd: FIRST_CLIENT, readable: true, writable: false }));
createServer(admit).listen({ fd: LISTENER });
if (!watchRoot(Number(process.argv[2]), Number(process.argv[3]))) rootGone();
