/** The world of a manager's proxies, for the laws that ipc's own objects obey too. */
import { SharedArray } from "@cordage/ipc";
import { encode } from "@cordage/ipc/sys";
import { type BaseProxy, type Proxied, SyncManager } from "@cordage/manager";
import { currentProcess } from "@cordage/process";
import { until } from "@cordage/test-support";
import { type CountingBarrier, peerKinds, peersOf, type StartPeer, type World } from "@cordage/test-support/laws";
import { countRun, runs } from "../fixtures/actions.mjs";
import { adapted, original } from "./adapted.mjs";
import { startedManager } from "./managers.js";

class LawManager extends SyncManager {}
LawManager.register("Runs", runs);

/** Declares a manager for the tests of a file, and what the laws need of it. */
export function worldOfManager(): World & { readonly manager: SyncManager } {
  const manager = startedManager(new LawManager({ functions: [countRun] }));
  const made = async (proxy: Promise<BaseProxy>) => adapted(await proxy);

  const startAny = peersOf({
    program: new URL("../fixtures/peer.mjs", import.meta.url),
    pack: (objects) => ({ packed: encode(objects.map(original)), authkey: currentProcess().authkey }),
  });
  /** A death is known once the server has noticed it. */
  const start: StartPeer = async (kind, ...objects) => {
    const peer = await startAny(kind, ...objects);
    const label = await peer.run(() => {
      const { isMainThread, threadId } = process.getBuiltinModule("node:worker_threads");
      return `process ${process.pid}${isMainThread ? "" : `, thread ${threadId}`}`;
    });
    const kill = async () => {
      await peer.kill();
      await until(async () => !(await manager.clients()).includes(label));
    };
    return { pid: peer.pid, run: (fn, ...args) => peer.run(fn, ...args), kill };
  };

  async function countingBarrier(parties: number): Promise<CountingBarrier> {
    const counter = await manager.create<Proxied<{ count(): number }>>("Runs");
    const before = await counter.count();
    const barrier = await made(manager.Barrier(parties, { action: countRun }));
    return { barrier, runs: async () => (await counter.count()) - before };
  }

  return {
    manager,
    kinds: peerKinds,
    start,
    scale: 0.1,
    wakesAtOnce: true,
    Lock: () => made(manager.Lock()),
    RLock: () => made(manager.RLock()),
    Semaphore: (value) => made(manager.Semaphore(value)),
    BoundedSemaphore: (value) => made(manager.BoundedSemaphore(value)),
    Condition: (lock) => made(manager.Condition(lock && original(lock))),
    Event: () => made(manager.Event()),
    Barrier: (parties, options) => made(manager.Barrier(parties, options)),
    Queue: (maxsize) => made(manager.Queue(maxsize)),
    JoinableQueue: (maxsize) => made(manager.JoinableQueue(maxsize)),
    countingBarrier,
    waiting: (condition) => Number(/(\d+)\)>$/.exec(original(condition).sync.toText())![1]),
    SharedArray: (length) => new SharedArray(Int32Array, length, { lock: false }),
  };
}
