/** The program of a server's own process (see server-process.ts). */
import "../index.js"; // so that all entries share one file, see scripts/bundle.mjs
import { decode, encode, native, READABLE, resolveReferences, Watch } from "@cordage/ipc/sys";
import { currentProcess } from "@cordage/process";
import { nameFactories } from "../served.js";
import { Server, type ServerConfig } from "../server.js";
import { whileImporting } from "./importing.js";
import type { FromServer, Startup, ToServer } from "./server-process.js";

let server: Server | undefined;
/** Kept, because a watch that is collected is closed. */
let parentWatch: Watch | undefined;

function say(what: FromServer): Promise<void> {
  return new Promise((resolve) => process.send!(what, () => resolve()));
}

async function begin(bytes: Uint8Array): Promise<void> {
  nameFactories();
  await whileImporting(() => resolveReferences(bytes));
  const { config, initializer, initargs } = decode(bytes, undefined, { functions: true, owned: true }) as Startup;
  currentProcess().authkey = Buffer.from(config.target.key);
  if (initializer) await initializer(...initargs);
  server = new Server(config satisfies ServerConfig);
  await server.listen();
  await say({ ready: { address: server.address, server: server.name } });
}

async function end(): Promise<void> {
  await server?.close();
  process.exit(0);
}

/** Without the native edge, the end of the channel must do; a forked child of the parent may hold that open. */
function endWithParent(): void {
  process.on("disconnect", () => void end());
  try {
    const pidfd = native.pidfdOpen(process.ppid);
    if (pidfd < 0) return;
    parentWatch = new Watch(pidfd, () => void end());
    parentWatch.start(READABLE);
    parentWatch.ref(false);
  } catch {
    // Not on this platform.
  }
}

endWithParent();
process.on("SIGINT", () => {}); // of a terminal: whoever started it decides when it ends
process.on("message", (message: ToServer) => {
  if ("shutdown" in message) return void end();
  begin(message.start).catch(async (error) => {
    await say({ failed: encode(error) });
    process.exit(1);
  });
});
