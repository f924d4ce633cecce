/** A server in a process of its own, as the process that started it sees it. Nothing native: node:child_process. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";
import { fileURLToPath } from "node:url";
import type { ReportedAddress } from "@cordage/ipc";
import { decode, encode, inheritedFlags } from "@cordage/ipc/sys";
import { ManagerError } from "../errors.js";
import type { ServerConfig } from "../server.js";

export interface Startup {
  readonly config: ServerConfig;
  readonly initializer: ((...args: any[]) => unknown) | undefined;
  readonly initargs: readonly unknown[];
}

export interface Ready {
  readonly address: ReportedAddress;
  readonly server: string;
}

export type ToServer = { start: Uint8Array } | { shutdown: true };
export type FromServer = { ready: Ready } | { failed: Uint8Array };

const PROGRAM = fileURLToPath(new URL("./server-main.js", import.meta.url));
/** Of a parent that forks; the server does not. */
const FOR_FORKING = /^--(single-threaded|v8-pool-size)/;

export class ServerProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly ready: Ready,
  ) {
    this.idle();
  }

  /** @throws what the initializer threw, or what kept it from listening; {ManagerError} ERR_SERVER_DIED */
  static async start(startup: Startup): Promise<ServerProcess> {
    const child = fork(PROGRAM, [], {
      serialization: "advanced",
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      execArgv: inheritedFlags(process.execArgv).filter((flag) => !FOR_FORKING.test(flag)),
    });
    try {
      // While it boots: finding out what modules export the factories takes its time.
      child.send({ start: encode(startup, undefined, { functions: true }) } satisfies ToServer);
      return new ServerProcess(child, await firstWord(child));
    } catch (error) {
      child.kill("SIGKILL");
      throw error;
    }
  }

  /** It keeps nobody alive. */
  private idle(): void {
    this.child.unref();
    this.child.channel?.unref();
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** As a Process has it: -N when signal N ended it; undefined while it runs. */
  get exitcode(): number | undefined {
    const { exitCode, signalCode } = this.child;
    return exitCode ?? (signalCode === null ? undefined : -signalNumber(signalCode));
  }

  /** Waits for its end; whether it came within `timeout` milliseconds. */
  async join(timeout: number): Promise<boolean> {
    if (this.exitcode !== undefined) return true;
    this.child.ref();
    const limit = new AbortController();
    const timer = timeout === Number.POSITIVE_INFINITY ? undefined : setTimeout(() => limit.abort(), timeout);
    try {
      await once(this.child, "exit", { signal: limit.signal });
      return true;
    } catch {
      return false;
    } finally {
      clearTimeout(timer);
      this.idle();
    }
  }

  /** Asks it to end, then makes it: at the latest after twice the timeout. */
  async shutdown(timeout: number): Promise<void> {
    if (this.child.connected) this.child.send({ shutdown: true } satisfies ToServer, () => {});
    if (await this.join(timeout)) return;
    this.child.kill("SIGTERM");
    if (await this.join(timeout)) return;
    this.child.kill("SIGKILL");
    await this.join(Number.POSITIVE_INFINITY);
  }
}

async function firstWord(child: ChildProcess): Promise<Ready> {
  const word = await new Promise<FromServer>((resolve, reject) => {
    child.once("message", resolve as (message: unknown) => void);
    child.once("error", reject);
    child.once("exit", (code, signal) => reject(died(code, signal)));
  });
  child.removeAllListeners("exit").removeAllListeners("error");
  child.on("error", () => {}); // of a message to one that has just ended
  if ("ready" in word) return word.ready;
  throw decode(word.failed);
}

function died(code: number | null, signal: NodeJS.Signals | null): ManagerError {
  const how = signal ? `signal ${signal} ended it` : `it ended with ${code}`;
  return new ManagerError("ERR_SERVER_DIED", `cannot start the manager: its server did not begin to serve, ${how}`);
}

function signalNumber(name: NodeJS.Signals): number {
  return constants.signals[name];
}
