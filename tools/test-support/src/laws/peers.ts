/**
 * A second party to share objects with: a child process or a worker thread. It runs functions that the test hands it,
 * as source text, on the shared objects it was started with.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { afterEach } from "@jest/globals";

export const peerKinds = ["process", "thread"];

export interface PeerLike<T extends object> {
  /** The process's id; undefined of a thread. */
  readonly pid: number | undefined;
  /** Runs a function there. It sees nothing of the test's module but its arguments. */
  run<A extends unknown[], R>(fn: (objects: T, ...args: A) => R, ...args: A): Promise<Awaited<R>>;
  /** SIGKILL, or the end of the thread; resolves once it is gone. */
  kill(): Promise<void>;
}

export type StartPeer = <T extends object[]>(kind: string, ...objects: T) => Promise<PeerLike<T>>;

export interface PeerOptions {
  /** Calls `serveAsPeer` of `@cordage/test-support` with what undoes `pack`. */
  program: URL;
  /** Makes of the objects what can be sent to a process, and to a thread. */
  pack(objects: object[]): unknown;
}

/** What starts peers. The test that started one ends it. */
export function peersOf({ program, pack }: PeerOptions): StartPeer {
  const running = new Set<Peer<any>>();
  afterEach(async () => {
    await Promise.all([...running].map((peer) => peer.kill()));
    running.clear();
  });
  return async <T extends object[]>(kind: string, ...objects: T) => {
    const peer = new Peer<T>(kind === "process" ? fork(program, { serialization: "advanced" }) : new Worker(program));
    running.add(peer);
    await peer.request({ packed: await pack(objects) });
    return peer;
  };
}

interface Pending {
  resolve(value: any): void;
  reject(reason: unknown): void;
}

/** A process or thread whose program calls `serveAsPeer`. Its first request has what that unpacks. */
export class Peer<T extends object> implements PeerLike<T> {
  private readonly pending = new Map<number, Pending>();
  private last = 0;
  private killed: Promise<void> | undefined;

  constructor(private readonly party: ChildProcess | Worker) {
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

  get pid(): number | undefined {
    return "pid" in this.party ? this.party.pid : undefined;
  }

  run<A extends unknown[], R>(fn: (objects: T, ...args: A) => R, ...args: A): Promise<Awaited<R>> {
    return this.request({ source: fn.toString(), args });
  }

  request(what: object): Promise<any> {
    const id = ++this.last;
    const answer = new Promise((resolve, reject) => this.pending.set(id, { resolve, reject }));
    answer.catch(() => {}); // whoever asked sees it; a peer that is killed need not be asked about
    if ("send" in this.party) this.party.send({ id, ...what });
    else this.party.postMessage({ id, ...what });
    return answer;
  }

  kill(): Promise<void> {
    this.killed ??= this.end();
    return this.killed;
  }

  private async end(): Promise<void> {
    const { party } = this;
    if (!("send" in party)) await party.terminate();
    else if (party.exitCode === null && party.signalCode === null) {
      const exit = once(party, "exit");
      party.kill("SIGKILL");
      await exit;
    }
  }
}
