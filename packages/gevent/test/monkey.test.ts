/** Calls of Node and of the siblings that block the thread, within greenlets. */
import childProcess from "node:child_process";
import crypto from "node:crypto";
import fs from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import zlib from "node:zlib";
import { event, getCurrent, joinAll, monkey, run, sleep, spawn, wait } from "@cordage/gevent";
import { Barrier, Condition, Event, Lock, Pipe, Queue, Semaphore, waitSync } from "@cordage/ipc";
import { endLeftOver, programsIn, thrownBy } from "@cordage/test-support";
import { afterAll, afterEach, beforeEach, describe, expect, jest, test } from "@jest/globals";
import { quiet } from "./support/quiet.js";

const { reports } = programsIn(new URL("fixtures/", import.meta.url));
afterAll(endLeftOver);

const folder = fs.mkdtempSync(path.join(tmpdir(), "cordage-gevent-"));
beforeEach(() => monkey.patchAll());
afterEach(() => monkey.unpatchAll());
afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));
beforeEach(() => void fs.mkdirSync(folder, { recursive: true }));

/** A FIFO, whose opening for reading waits until somebody opens it for writing. */
const gate = path.join(fs.mkdtempSync(path.join(tmpdir(), "cordage-gevent-")), "gate");
childProcess.execFileSync("mkfifo", [gate]);
afterAll(() => fs.rmSync(path.dirname(gate), { recursive: true }));
const THREADS = Number(process.env.UV_THREADPOOL_SIZE ?? 4);
const unpatched = { ...fs };

/**
 * Runs something in a greenlet: its result. Until another greenlet has had a turn, the gate is closed, and all threads of libuv wait there: whatever
 * needs one of them, or the gate, certainly waits.
 */
function whileOthersRun<T>(fn: () => T): Promise<T> {
  return run(() => {
    const opened = Promise.all(Array.from({ length: THREADS }, () => fs.promises.open(gate, "r")));
    let hadTurn = false;
    let writer = -1;
    spawn(() => {
      hadTurn = true;
      setImmediate(() => {
        writer = fs.openSync(gate, fs.constants.O_RDWR); // which does not wait
      });
    });
    try {
      const result = fn();
      expect(hadTurn).toBe(true);
      return result;
    } finally {
      for (const one of wait(opened)) wait(one.close());
      fs.closeSync(writer);
    }
  });
}

describe("patchAll", () => {
  test("patches what it says, once; unpatchAll puts everything back", () => {
    expect([
      monkey.isPatched(),
      monkey.isPatched("fs"),
      monkey.isPatched("fs.readFileSync"),
      monkey.isPatched("Lock.acquireSync"),
    ]).toEqual([true, true, true, true]);
    const ours = fs.readFileSync;
    monkey.patchAll();
    expect(fs.readFileSync).toBe(ours);
    monkey.unpatchAll();
    expect([fs.readFileSync === ours, monkey.isPatched(), monkey.isPatched("fs"), monkey.patchedNames()]).toEqual([
      false,
      false,
      false,
      [],
    ]);
  });

  // 260 TestMonkey.test_patch_twice_warnings_events
  test("a second time, for something else, warns and does nothing", async () => {
    expect(await reports("patches-twice.mjs", "", { flags: ["--no-warnings"] })).toEqual([
      [["CORDAGE_GEVENT_PATCHED"], true],
    ]);
  });

  test("leaves out what it is told to", () => {
    monkey.unpatchAll();
    monkey.patchAll({ fs: false, crypto: false, cordage: false });
    expect(["fs", "crypto", "zlib", "child_process", "Atomics", "Lock"].map((name) => monkey.isPatched(name))).toEqual([
      false,
      false,
      true,
      true,
      true,
      false,
    ]);
  });

  test.each([{ nothing: true }, { fs: 1 }, null, 5])("takes no option %p", (options) => {
    expect(thrownBy(() => monkey.patchAll(options as object))).toMatchObject({ code: "ERR_INVALID_ARG_TYPE" });
  });

  test.each([null, 1])("takes no options %p", (options) => {
    expect(thrownBy(() => monkey.patchAll(options as never))).toMatchObject({ code: "ERR_INVALID_ARG_TYPE" });
  });

  test("keeps the properties of what it patches", () =>
    run(() => {
      const { native } = fs.realpathSync;
      expect([native(folder), monkey.isPatched("fs.realpathSync.native")]).toEqual([fs.realpathSync(folder), true]);
      monkey.unpatchAll();
      expect([native(folder), native === fs.realpathSync.native]).toEqual([fs.realpathSync(folder), false]);
    }));

  test("what somebody else put on top stays, and blocks again once it is undone", () =>
    run(() => {
      monkey.unpatchAll();
      const original = fs.statSync;
      monkey.patchAll();
      const ours = fs.statSync;
      const theirs = (...args: Parameters<typeof ours>) => ours(...args);
      Object.assign(fs, { statSync: theirs });
      monkey.unpatchAll();
      let hadTurn = false;
      spawn(() => {
        hadTurn = true;
      });
      fs.statSync(folder);
      const stayed = fs.statSync === theirs;
      Object.assign(fs, { statSync: original });
      expect([stayed, hadTurn]).toEqual([true, false]);
    }));

  test("console writes to files at once, and in its order", () => {
    const names = ["out", "err"].map((name) => path.join(folder, name));
    const [out, err] = names.map((name) => fs.openSync(name, "w"));
    const program = fileURLToPath(new URL("fixtures/prints-to-files.mjs", import.meta.url));
    const env = { ...process.env, NODE_OPTIONS: "" };
    const { status } = childProcess.spawnSync(process.execPath, [...quiet.flags, program], {
      stdio: ["ignore", out!, err!],
      env,
    });
    for (const fd of [out!, err!]) fs.closeSync(fd);
    const all = "a 0\na 1\na 2\nb 0\nb 1\nb 2\n";
    expect([status, ...names.map((name) => fs.readFileSync(name, "utf8"))]).toEqual([1, all, all]);
  });

  test("does not change what happens outside of greenlets", () => {
    fs.writeFileSync(path.join(folder, "a"), "text");
    expect(fs.readFileSync(path.join(folder, "a"), "utf8")).toBe("text");
    expect(childProcess.execSync("echo hi", { encoding: "utf8" })).toBe("hi\n");
    expect(Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1)).toBe("timed-out");
  });
});

describe("node:fs", () => {
  test("reads and writes", () =>
    whileOthersRun(() => {
      const file = path.join(folder, "a");
      fs.writeFileSync(file, "hello");
      fs.appendFileSync(file, " world");
      expect([fs.readFileSync(file, "utf8"), fs.readFileSync(file).length]).toEqual(["hello world", 11]);
      const fd = fs.openSync(file, "r+");
      const buffer = Buffer.alloc(5);
      expect([
        fs.readSync(fd, buffer, 0, 5, 6),
        String(buffer),
        fs.writeSync(fd, "H", 0),
        fs.fstatSync(fd).size,
      ]).toEqual([5, "world", 1, 11]);
      fs.closeSync(fd);
      fs.renameSync(file, `${file}-2`);
      expect([fs.readdirSync(folder), fs.existsSync(file), fs.existsSync(`${file}-2`)]).toEqual([["a-2"], false, true]);
    }));

  test("says what is wrong, with the caller's stack", () =>
    whileOthersRun(() => {
      const error = thrownBy(() => fs.readFileSync("/no/such/file"));
      expect(error).toMatchObject({ code: "ENOENT", path: "/no/such/file" });
      expect(error.stack).toContain("monkey.test");
      expect([
        fs.statSync("/no/such", { throwIfNoEntry: false }),
        fs.lstatSync("/no/such", { throwIfNoEntry: false }),
      ]).toEqual([undefined, undefined]);
      expect(thrownBy(() => fs.statSync("/no/such"))).toMatchObject({ code: "ENOENT" });
      expect(thrownBy(() => fs.readFileSync({} as string))).toMatchObject({ code: "ERR_INVALID_ARG_TYPE" });
    }));

  test("a file whose opening was interrupted is closed", () =>
    run(() => {
      const fifo = path.join(folder, "fifo");
      childProcess.execFileSync("mkfifo", [fifo]);
      const opening = spawn(() => fs.openSync(fifo, "r"));
      sleep(0);
      opening.kill();
      const writer = fs.openSync(fifo, "w"); // both opens end
      const error = thrownBy(() => {
        for (;;) fs.writeSync(writer, "x"); // until the reader is closed
      });
      expect(error).toMatchObject({ code: "EPIPE" });
      fs.closeSync(writer);
    }));

  test("a folder whose opening was interrupted is closed", () =>
    run(() => {
      const dir = unpatched.opendirSync(folder);
      const closed = new event.Event();
      let open: ((error: null, dir: fs.Dir) => void) | undefined;
      const opendir = jest.spyOn(fs, "opendir").mockImplementation(((_: string, done: typeof open) => {
        open = done;
      }) as never);
      const close = jest.spyOn(dir, "close").mockImplementation((() => closed.set()) as never);
      const opening = spawn(() => fs.opendirSync(folder));
      sleep(0);
      opening.kill();
      open!(null, dir);
      closed.wait();
      for (const one of [opendir, close]) one.mockRestore();
      dir.closeSync();
    }));

  test("whether a file below a file is absent, or an error, is as in this Node", () =>
    run(() => {
      const file = path.join(folder, "file");
      fs.writeFileSync(file, "");
      const outcomes = () =>
        [fs.statSync, fs.lstatSync].map((stat) => {
          try {
            return stat(path.join(file, "below"), { throwIfNoEntry: false });
          } catch (error) {
            return (error as NodeJS.ErrnoException).code;
          }
        });
      const patched = outcomes();
      monkey.unpatchAll();
      expect(patched).toEqual(outcomes());
    }));

  test("a sibling that takes no callback is not called", () => {
    expect([monkey.isPatched("fs.openAsBlobSync"), typeof fs.openAsBlob]).toEqual([false, "function"]);
  });

  test("an interruption is never what the file system says", () =>
    run(() => {
      const never = (["access", "stat", "lstat"] as const).map((name) =>
        jest.spyOn(fs, name).mockImplementation((() => undefined) as never),
      );
      const killedWith = (code: string, call: () => unknown) => {
        const waiting = spawn(call);
        sleep(0);
        waiting.kill(Object.assign(new Error("killed"), { code }));
        return thrownBy(() => waiting.get()).message;
      };
      expect([
        killedWith("X", () => fs.existsSync(folder)),
        killedWith("ENOENT", () => fs.statSync(folder, { throwIfNoEntry: false })),
        killedWith("ENOENT", () => fs.lstatSync(folder, { throwIfNoEntry: false })),
      ]).toEqual(["killed", "killed", "killed"]);
      for (const one of never) one.mockRestore();
    }));

  test("arguments that do not count, and undefined ones, are as if they were not there", () =>
    whileOthersRun(() => {
      const names = ["a", "b"].map((name) => path.join(folder, name));
      const [file = ""] = names;
      names.forEach(fs.mkdirSync as (name: string) => void);
      expect(names.map(fs.existsSync)).toEqual([true, true]);
      for (const name of names) fs.rmdirSync(name, undefined);
      for (const name of names) fs.writeFileSync(name, "text", undefined);
      const fds = names.map((name) => fs.openSync(name, undefined as never, undefined));
      expect(fs.readSync(fds[0]!, Buffer.alloc(2), undefined)).toBe(2);
      expect(fs.fstatSync(fds[0]!, { bigint: true }).size).toBe(4n);
      fds.forEach(fs.closeSync);
      expect((fs.readFileSync as (...args: unknown[]) => unknown)(file, "utf8", "more")).toBe("text");
      names.forEach(fs.unlinkSync);
      expect(names.map(fs.existsSync)).toEqual([false, false]);
    }));

  test("what a function refuses it refuses with the same words", () =>
    run(() => {
      const calls: Array<() => unknown> = [
        () => (fs.closeSync as () => void)(),
        () => (fs.renameSync as (from: string) => void)("a"),
        () => fs.readSync(0, undefined as never),
        () => fs.readFileSync("a", "nothing" as never),
        () => fs.mkdirSync("a", { recursive: 1 as never }),
        () => fs.writeFileSync("a", 5 as never),
      ];
      const refusals = () => calls.map((one) => thrownBy(one).message);
      const patched = refusals();
      monkey.unpatchAll();
      expect(patched).toEqual(refusals());
    }));

  test("require() in a greenlet is not interrupted by another one that requires the same; imported names are patched", async () => {
    const whole = { half: 1, whole: 2 };
    expect(await reports("requires-twice.mjs", "", quiet)).toEqual([[whole, whole, true]]);
  });
});

describe("node:child_process", () => {
  const sh = (script: string, options?: object) =>
    childProcess.spawnSync("sh", ["-c", script], { encoding: "utf8", ...options });
  /** Waits in a shell. If greenlets waited for it, too, it would not end by itself. */
  const throughGate = `: < ${gate}`;
  const timeout = 10_000;

  test("spawnSync gives what the child said, and how it ended", () =>
    whileOthersRun(() => {
      expect(sh(`${throughGate}; cat; echo bad >&2; exit 3`, { input: "in", timeout })).toMatchObject({
        stdout: "in",
        stderr: "bad\n",
        output: [null, "in", "bad\n"],
        status: 3,
        signal: null,
        pid: expect.any(Number),
      });
      expect(sh("kill -9 $$")).toMatchObject({ status: null, signal: "SIGKILL" });
      expect(childProcess.spawnSync("echo", ["1"]).stdout).toEqual(Buffer.from("1\n"));
    }));

  test("arguments and options may be undefined or null, where Node lets them", () =>
    whileOthersRun(() => {
      const { spawnSync, execFileSync, execSync } = childProcess;
      const options = { encoding: "utf8", cwd: "/" } as const;
      expect([
        spawnSync("pwd", undefined, options).stdout,
        spawnSync("pwd", null as never, options).stdout,
        spawnSync("pwd", options).stdout,
        execFileSync("pwd", undefined, options),
        execFileSync("pwd", null as never, options),
        String(execFileSync("echo", ["a"], null as never)),
        String(execSync("echo b", null as never)),
      ]).toEqual(["/\n", "/\n", "/\n", "/\n", "/\n", "a\n", "b\n"]);
    }));

  test("what a child writes to its other descriptors is in the output, too", () =>
    whileOthersRun(() => {
      const stdio = ["pipe", "pipe", "ignore", "pipe", "ignore"] as const;
      expect(sh("echo a; echo b >&3", { stdio }).output).toEqual([null, "a\n", null, "b\n", null]);
      expect(sh("cat", { input: "6869", encoding: "hex" }).stdout).toBe("6869");
      expect(sh("echo a", { maxBuffer: 0 }).stdout).toBe("a\n");
    }));

  test("what Node refuses is refused with the same words", () =>
    run(() => {
      const { spawnSync, execFileSync, execSync } = childProcess;
      const options = [
        { timeout: -1 },
        { timeout: 0.5 },
        { maxBuffer: -1 },
        { maxBuffer: "1" },
        { killSignal: "SIGNOPE" },
        { input: 5 },
        { stdio: ["ipc"] },
        { cwd: 5 },
      ];
      const calls: Array<() => unknown> = [
        ...options.map((one) => () => childProcess.spawnSync("true", [], one as never)),
        () => childProcess.spawnSync("true", "a" as never),
        () => childProcess.spawnSync("true", [], null as never),
        () => childProcess.execFileSync("true", 5 as never),
        () => childProcess.execSync(5 as never),
        () => childProcess.execSync("true", { timeout: -1 }),
      ];
      const refusals = () => calls.map((one) => thrownBy(one).message);
      const patched = refusals();
      monkey.unpatchAll();
      expect(patched).toEqual(refusals());
      expect(childProcess).not.toMatchObject({ spawnSync, execFileSync, execSync });
    }));

  test("a child that is not there, too slow or too loud is an error of the result", () =>
    run(() => {
      expect(childProcess.spawnSync("/no/such/program")).toMatchObject({
        error: { code: "ENOENT", syscall: "spawnSync /no/such/program" },
        status: null,
      });
      expect(sh("exec sleep 100", { timeout: 20 })).toMatchObject({ error: { code: "ETIMEDOUT" }, signal: "SIGTERM" });
      const loud = sh("yes", { maxBuffer: 1000 });
      expect([loud.error, loud.stdout.length >= 1000]).toMatchObject([{ code: "ENOBUFS" }, true]);
    }));

  test("execSync and execFileSync return what was said, or throw", () =>
    whileOthersRun(() => {
      const options = { env: { ...process.env, A: "a" }, encoding: "utf8", timeout } as const;
      expect([
        childProcess.execSync(`${throughGate}; echo $A`, options),
        String(childProcess.execFileSync("echo", ["b"])),
      ]).toEqual(["a\n", "b\n"]);
      expect(thrownBy(() => childProcess.execSync("echo bad >&2; exit 2", { stdio: "pipe" }))).toMatchObject({
        status: 2,
        message: "Command failed: echo bad >&2; exit 2\nbad\n",
      });
      expect(thrownBy(() => childProcess.execFileSync("/no/such"))).toMatchObject({ code: "ENOENT" });
      expect(thrownBy(() => childProcess.execFileSync(5 as never))).toMatchObject({ code: "ERR_INVALID_ARG_TYPE" });
    }));

  test("a child of a greenlet that is killed is ended", () =>
    run(() => {
      const file = path.join(folder, "pid");
      const one = spawn(() => childProcess.execSync(`echo $$ > ${file}; exec sleep 100`));
      while (!fs.existsSync(file) || fs.readFileSync(file, "utf8") === "") sleep(1);
      const pid = Number(fs.readFileSync(file, "utf8"));
      one.kill();
      const exists = () => {
        try {
          return process.kill(pid, 0);
        } catch {
          return false;
        }
      };
      while (exists()) sleep(1);
      expect(exists()).toBe(false);
    }));
});

test("node:crypto and node:zlib do their slow work in their threads", () =>
  whileOthersRun(() => {
    expect(crypto.pbkdf2Sync("a", "b", 1000, 8, "sha256").length).toBe(8);
    expect(crypto.scryptSync("a", "b", 8).length).toBe(8);
    const { publicKey, privateKey } = crypto.generateKeyPairSync("ec", { namedCurve: "P-256" });
    expect([publicKey.type, privateKey.type]).toEqual(["public", "private"]);
    expect([
      crypto.generatePrimeSync(32, { bigint: true }) > 0n,
      crypto.randomFillSync(new Uint8Array(4)).length,
    ]).toEqual([true, 4]);
    for (const [pack, unpack] of [
      ["gzipSync", "gunzipSync"],
      ["deflateSync", "inflateSync"],
      ["brotliCompressSync", "brotliDecompressSync"],
    ] as const)
      expect(String(zlib[unpack](zlib[pack]("text")))).toBe("text");
    expect(thrownBy(() => zlib.gunzipSync("no"))).toMatchObject({ code: "Z_DATA_ERROR" });
  }));

test("node:crypto and node:zlib are not disturbed by arguments that do not count, or are undefined", () =>
  whileOthersRun(() => {
    expect(
      ["a", "b"].map(zlib.gzipSync as (text: string) => Buffer).map((one) => String(zlib.gunzipSync(one))),
    ).toEqual(["a", "b"]);
    expect([
      (crypto.generatePrimeSync(16, undefined as never) as unknown as ArrayBuffer).byteLength,
      crypto.checkPrimeSync(7n, undefined),
      crypto.randomFillSync(new Uint8Array(4), undefined, undefined).length,
      crypto.scryptSync("a", "b", 8, { N: 2 }).equals(crypto.scryptSync("a", "b", 8, undefined)),
    ]).toEqual([2, true, 4, false]);
    expect(thrownBy(() => zlib.gzipSync(null as never))).toMatchObject({ code: "ERR_INVALID_ARG_TYPE" });
  }));

test("Atomics.wait waits for another thread, and the greenlets go on", () =>
  whileOthersRun(() => {
    const cell = new Int32Array(new SharedArrayBuffer(4));
    spawn(() => {
      sleep(1);
      Atomics.notify(cell, 0);
    });
    expect([Atomics.wait(cell, 0, 0, 10_000), Atomics.wait(cell, 0, 1), Atomics.wait(cell, 0, 0, 1)]).toEqual([
      "ok",
      "not-equal",
      "timed-out",
    ]);
  }));

test("Atomics.wait ends in time though nothing else is left that could run", async () => {
  expect(await reports("waits-alone.mjs", "", quiet)).toEqual(["timed-out"]);
});

test("a greenlet that is killed in Atomics.wait passes its notification on", () =>
  run(() => {
    const cell = new Int32Array(new SharedArrayBuffer(4));
    const [killed, other] = [spawn(() => Atomics.wait(cell, 0, 0)), spawn(() => Atomics.wait(cell, 0, 0))];
    sleep(0);
    killed!.kill();
    expect([Atomics.notify(cell, 0, 1), other!.get()]).toEqual([1, "ok"]);
  }));

describe("@cordage", () => {
  test("a lock that the first greenlet has taken outlives it, also where greenlets are threads", async () => {
    expect(await reports("locks-in-a-greenlet.mjs", "")).toEqual([[true, false, null]]);
  });

  test("locks, semaphores, events, conditions and barriers are waited for by greenlets of one thread", () =>
    run(() => {
      const log: string[] = [];
      const [lock, semaphore, event, barrier] = [new Lock(), new Semaphore(0), new Event(), new Barrier(2)];
      lock.acquireSync();
      const condition = new Condition();
      const all = [
        spawn(() => log.push(`lock ${lock.acquireSync()}`)),
        spawn(() => log.push(`semaphore ${semaphore.acquireSync()}`)),
        spawn(() => log.push(`event ${event.waitSync()}`)),
        spawn(() => log.push(`barrier ${[0, 1].includes(barrier.waitSync())}`)),
        spawn(() => {
          using _held = condition.holdSync();
          log.push(`condition ${condition.waitSync({ timeout: 5 })}`);
        }),
      ];
      sleep(2);
      lock.release();
      semaphore.release();
      event.set();
      barrier.waitSync();
      joinAll(all, { raiseError: true });
      expect(log.sort()).toEqual(["barrier true", "condition false", "event true", "lock true", "semaphore true"]);
    }));

  test("queues and connections too, and waitSync over several", () =>
    run(() => {
      const queue = new Queue<string>();
      const [one, other] = Pipe();
      const got = spawn(() => [queue.getSync(), one.recvSync()]);
      sleep(1);
      queue.putSync("item");
      other.sendSync({ message: 1 });
      expect(got.get()).toEqual(["item", { message: 1 }]);
      const ready = spawn(() => waitSync([one]));
      sleep(1);
      other.sendSync("again");
      expect(ready.get()).toEqual([one]);
      queue.close();
      one.close();
      other.close();
    }));

  test("a greenlet that gives up leaves nothing behind", () =>
    run(() => {
      const queue = new Queue<number>();
      const waiting = spawn(() => queue.getSync());
      sleep(0);
      waiting.kill();
      queue.putSync(1);
      expect([queue.getSync(), getCurrent().dead]).toEqual([1, false]);
      queue.close();
    }));

  test.each(["waitSync", "waitForSync"] as const)(
    "%s holds the condition's lock again before it is interrupted",
    (wait) =>
      run(() => {
        const lock = new Lock();
        const condition = new Condition(lock);
        const waiting = spawn(() => {
          condition.acquireSync();
          try {
            if (wait === "waitSync") condition.waitSync();
            else condition.waitForSync(() => false);
          } finally {
            condition.release();
          }
        });
        sleep(0);
        lock.acquireSync();
        const killing = spawn(() => waiting.kill());
        sleep(0);
        expect([killing.dead, waiting.dead]).toEqual([false, false]); // they wait for the lock
        waiting.kill(undefined, { block: false }); // and go on to
        sleep(0);
        lock.release();
        killing.join();
        expect([String(waiting.value), lock.tryAcquire()]).toEqual(["GreenletExit: the greenlet is to end", true]);
      }),
  );

  test("waitForSync asks in the greenlet, which may wait there", () =>
    run(() => {
      const condition = new Condition(new Lock());
      condition.acquireSync();
      const asking = getCurrent();
      const asked: boolean[] = [];
      spawn(() => {
        condition.acquireSync();
        condition.notify();
        condition.release();
      });
      condition.waitForSync(() => asked.push(getCurrent() === asking) === 2);
      expect(asked).toEqual([true, true]);
      condition.release();
    }));
});
