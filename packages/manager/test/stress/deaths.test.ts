/** Servers, clients and parents that die. */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { encode } from "@cordage/ipc/sys";
import { Manager, type SyncManager } from "@cordage/manager";
import { currentProcess, Process } from "@cordage/process";
import { endLeftOver, gone, programsIn, seeded, start, until } from "@cordage/test-support";
import { afterAll, describe, expect, test } from "@jest/globals";
import { blocksForever } from "../fixtures/targets.mjs";

const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));
const code = (code: string) => expect.objectContaining({ code });
afterAll(endLeftOver);

describe("when the server is killed", () => {
  test("every call that waits fails, in either form, and every later one", async () => {
    const manager = await Manager();
    const [lock, queue] = [await manager.Lock(), await manager.Queue()];
    await lock.acquire();
    const waits = Promise.allSettled([lock.acquire(), queue.get(), queue.get({ timeout: 60_000 })]);
    const blocked = new Process({ target: blocksForever, args: [lock] });
    blocked.start();
    await until(async () => (await manager.clients()).length === 2);
    process.kill(manager.process!.pid, "SIGKILL");
    const lost = { status: "rejected", reason: code("ERR_CONNECTION_LOST") };
    expect(await waits).toEqual([lost, lost, lost]);
    await blocked.join();
    expect(blocked.exitcode).toBe(7);
    await expect(queue.get()).rejects.toMatchObject({ code: "ERR_CANNOT_CONNECT" });
    expect(() => queue.sync.get()).toThrow(code("ERR_CANNOT_CONNECT"));
    await manager.shutdown();
    expect(manager.process!.exitcode).toBe(-9);
  });

  test("a manager that starts at its address is another one, and says so", async () => {
    const [first, address] = [await Manager({ address: ["127.0.0.1", 0] }), [] as unknown[]];
    address.push(first.address);
    const list = await first.list([1]);
    process.kill(first.process!.pid, "SIGKILL");
    await until(() => gone(first.process!.pid));
    const second = await Manager({ address: first.address });
    await until(async () => (await list.length().catch((error) => error.code)) === "ERR_MANAGER_RESTARTED");
    expect(() => list.sync.length()).toThrow(code("ERR_MANAGER_RESTARTED"));
    await Promise.all([first.shutdown(), second.shutdown()]);
  });
});

describe("the server ends with its parent", () => {
  test.each(["SIGKILL", "SIGTERM"] as const)("killed by %s", async (signal) => {
    const { child, line, ended } = start(fixture("server-of-parent.mjs"));
    const [server] = JSON.parse(await line());
    child.kill(signal);
    await ended;
    await until(() => gone(server));
  });

  test("that ends without a shutdown", async () => {
    const { line, ended } = start(fixture("server-of-parent.mjs"), ["end"]);
    const [server] = JSON.parse(await line());
    expect(await ended).toMatchObject({ code: 0, stderr: "" });
    await until(() => gone(server));
  });

  test("although a forked child of that lives on", async () => {
    const { run: _, ...programs } = programsIn(new URL("../fixtures/", import.meta.url));
    const { child, line } = programs.start("server-of-parent.mjs", "fork");
    const [server, forked] = JSON.parse(await line());
    child.kill("SIGKILL");
    await until(() => gone(server));
    expect(gone(forked)).toBe(false);
    process.kill(forked, "SIGKILL");
  });
});

test("a SIGINT of the terminal does not end the server", async () => {
  const manager = await Manager();
  process.kill(manager.process!.pid, "SIGINT");
  expect(await (await manager.list([1])).length()).toBe(1);
  await manager.shutdown();
  expect(manager.process!.exitcode).toBe(0);
});

describe("clients that are killed at any moment", () => {
  async function use(packed: Buffer, blocking: boolean): Promise<ChildProcess> {
    const child = fork(fixture("use-until-killed.mjs"), { serialization: "advanced" });
    child.send({ packed, authkey: currentProcess().authkey, blocking });
    await once(child, "message");
    return child;
  }

  async function killed(child: ChildProcess, after: number): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, after));
    child.kill("SIGKILL");
    await once(child, "exit");
  }

  async function everythingIsFree(manager: SyncManager, objects: any[]): Promise<void> {
    const [lock, rlock, semaphore, condition] = objects;
    await until(async () => (await manager.clients()).length === 1);
    expect(await lock.tryAcquire()).toBe(true);
    expect(await rlock.tryAcquire()).toBe(true);
    expect(await condition.tryAcquire()).toBe(true);
    expect(await semaphore.getValue()).toBe(2);
    await Promise.all([lock.release(), rlock.release(), condition.release()]);
  }

  test("give back what they had: locks, permits, references", async () => {
    const seed = 20261126;
    const random = seeded(seed);
    const manager = await Manager();
    const objects = [
      await manager.Lock(),
      await manager.RLock(),
      await manager.BoundedSemaphore(2),
      await manager.Condition(),
      await manager.Queue(),
      await manager.dict(),
    ];
    for (let round = 0; round < 8; round++) {
      const packed = [0, 1, 2].map(() => encode(objects)); // a ticket serves one receiver
      const children = await Promise.all(packed.map((bytes, i) => use(bytes, i === 0)));
      await Promise.all(children.map((child) => killed(child, random(60))));
      await everythingIsFree(manager, objects);
    }
    expect(await manager.numberOfObjects()).toBe(objects.length);
    await manager.shutdown();
  });
});
