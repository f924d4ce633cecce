/**
 * A second party to share objects with: a child process or a worker thread. It runs functions that the test hands it,
 * as source text, on the shared objects it was started with.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { encode } from "@cordage/ipc/sys";
import { afterEach } from "@jest/globals";

export type PeerKind = "process" | "thread";
export const peerKinds: PeerKind[] = ["process", "thread"];

const program = fileURLToPath(new URL("../fixtures/peer.mjs", import.meta.url));
const running = new Set<Peer<any>>();
afterEach(() => Promise.all([...running].map((peer) => peer.kill())));

interface Pending {
  resolve(value: unknown): void;
  reject(reason: unknown): void;
}

export class Peer<T extends object[]> {
  private readonly pending = new Map<number, Pending>();
  private last = 0;

  private constructor(private readonly party: ChildProcess | Worker) {
    running.add(this);
    party.on("message", ({ id, value, error }: any) => {
      const { resolve, reject } = this.pending.get(id)!;
      this.pending.delete(id);
      if (error) reject(Object.assign(new Error(error.message), error));
      else resolve(value);
    });
    party.on("exit", () => {
      for (const { reject } of this.pending.values()) reject(new Error("the peer ended"));
    });
  }

  static async start<T extends object[]>(kind: PeerKind, ...objects: T): Promise<Peer<T>> {
    const peer = new Peer<T>(kind === "process" ? fork(program, { serialization: "advanced" }) : new Worker(program));
    await peer.request({ packed: encode(objects) });
    return peer;
  }

  /** The process's id; undefined of a thread. */
  get pid(): number | undefined {
    return "pid" in this.party ? this.party.pid : undefined;
  }

  /** Runs a function there. It sees nothing of this module but its arguments. */
  run<A extends unknown[], R>(fn: (objects: T, ...args: A) => R, ...args: A): Promise<Awaited<R>> {
    return this.request({ source: fn.toString(), args }) as Promise<Awaited<R>>;
  }

  private request(what: object): Promise<unknown> {
    const id = ++this.last;
    const answer = new Promise((resolve, reject) => this.pending.set(id, { resolve, reject }));
    answer.catch(() => {}); // whoever asked sees it; a peer that is killed need not be asked about
    if ("send" in this.party) this.party.send({ id, ...what });
    else this.party.postMessage({ id, ...what });
    return answer;
  }

  /** SIGKILL, or the end of the thread; resolves once it is gone. */
  async kill(): Promise<void> {
    if (!running.delete(this)) return;
    if (!("send" in this.party)) {
      await this.party.terminate();
      return;
    }
    const exit = once(this.party, "exit");
    this.party.kill("SIGKILL");
    await exit;
  }
}
