/** A server's host and a client's, as network namespaces, and the bad link between them: see link.py. */
import { type ChildProcess, fork, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { decode, encode } from "@cordage/ipc/sys";
import type { ManagerOptions, SyncManager } from "@cordage/manager";
import { mark, until } from "@cordage/test-support";
import { Peer } from "@cordage/test-support/laws";
import type * as work from "../fixtures/far-work.mjs";

const LINK = fileURLToPath(new URL("link.py", import.meta.url));
const PROGRAM = fileURLToPath(new URL("../fixtures/on-host.mjs", import.meta.url));

export type HostName = "server" | "client";

/** What a process on a host has; the test adds to it, by name. */
export interface Here {
  options: ManagerOptions;
  manager: SyncManager;
  SyncManager: typeof SyncManager;
  encode: typeof encode;
  decode: typeof decode;
  work: typeof work;
  [name: string]: any;
}
export type OnHost = Peer<Here>;

type Counts = Record<"passed" | "lost" | "reordered" | "swallowed", number>;
interface Report {
  namespaces: Record<HostName, string>;
  to: Record<HostName, Counts>;
  /** Connections of TCP. */
  begun: number;
}

/** Why this machine cannot have such hosts; undefined where it can. */
export function whyNoHosts(): string | undefined {
  const enter = ["nsenter", "--net=/proc/self/ns/net", "true"];
  return failureOf("python3", LINK, "0") ?? failureOf(enter[0]!, ...enter.slice(1));
}

function failureOf(command: string, ...args: string[]): string | undefined {
  const { error, status, stderr } = spawnSync(command, args, { input: "", encoding: "utf8" });
  if (error) return `cannot run ${command}: ${(error as NodeJS.ErrnoException).code}`;
  return status === 0 ? undefined : stderr.trim().split("\n").at(-1);
}

export class TwoHosts {
  private readonly peers: OnHost[] = [];
  private readonly reports: AsyncIterator<string>;
  private namespaces!: Report["namespaces"];

  private constructor(private readonly link: ChildProcess) {
    link.stdin!.on("error", () => {}); // it has ended: whoever waits for its report is told
    this.reports = createInterface({ input: link.stdout! })[Symbol.asyncIterator]();
  }

  static async linked(seed: number): Promise<TwoHosts> {
    const stdio = ["pipe", "pipe", "inherit"] as const;
    const hosts = new TwoHosts(spawn("python3", [LINK, `${seed}`], { stdio: [...stdio], env: environment() }));
    await hosts.reported();
    return hosts;
  }

  private async reported(): Promise<Report> {
    const { value, done } = await this.reports.next();
    if (done) throw new Error("the link between the hosts has ended");
    const report = JSON.parse(value) as Report;
    this.namespaces = report.namespaces;
    return report;
  }

  /** Tells the link what to do, in the words of link.py. Resolves with what it has done so far. */
  tell(...command: [string, ...unknown[]]): Promise<Report> {
    this.link.stdin!.write(`${JSON.stringify(command)}\n`);
    return this.reported();
  }

  /** Waits until so many more packets to each host were swallowed: that many times it was tried in vain to reach it. */
  async swallowed(least: Partial<Record<HostName, number>>): Promise<void> {
    const { to: before } = await this.tell("report");
    await until(async () => {
      const { to: now } = await this.tell("report");
      return Object.entries(least).every(([name, count]) => {
        const host = name as HostName;
        return now[host].swallowed - before[host].swallowed >= count;
      });
    });
  }

  /** Waits until so many connections were begun, from the first one on. */
  async begun(count: number): Promise<void> {
    await until(async () => (await this.tell("report")).begun >= count);
  }

  /** Starts a process on a host. */
  async start(host: HostName, options: ManagerOptions): Promise<OnHost> {
    const execArgv = [`--net=${this.namespaces[host]}`, process.execPath];
    const peer: OnHost = new Peer(
      fork(PROGRAM, { execPath: "nsenter", execArgv, serialization: "advanced", env: environment() }),
    );
    this.peers.push(peer);
    await peer.request({ packed: options });
    return peer;
  }

  /** Nothing is left: a namespace goes with the last process in it. */
  async end(): Promise<void> {
    await Promise.all(this.peers.map((peer) => peer.kill()));
    const ended = once(this.link, "exit");
    this.link.stdin!.end();
    if (this.link.exitCode === null && this.link.signalCode === null) await ended;
  }
}

const environment = () => ({ ...process.env, NODE_OPTIONS: "", ...mark });
