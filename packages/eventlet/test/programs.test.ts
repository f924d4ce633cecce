/** What becomes of a process: programs of fixtures/, run as users run theirs. And what is patched in this one. */
import fs from "node:fs";
import { isMonkeyPatched, monkeyPatch, run, sleep, spawn } from "@cordage/eventlet";
import { monkey } from "@cordage/gevent";
import { endLeftOver, fixturesIn } from "@cordage/test-support";
import { afterAll, expect, test } from "@jest/globals";

const fixtures = fixturesIn(new URL("./fixtures/", import.meta.url));
afterAll(endLeftOver);

test("a program has errors that nobody waits for printed once, with their stack, and goes on", async () => {
  const end = await fixtures.run("nobody-waits.mjs", [], { flags: ["--disable-warning=CORDAGE_GEVENT_HELD"] });
  expect([end.code, end.stdout]).toEqual([0, "got: heeded\ngoes on\n"]);
  expect(end.stderr).toMatch(/Error: of a greenthread\n\s+at fails .*nobody-waits\.mjs/);
  const count = (part: string) => end.stderr.split(part).length - 1;
  expect(["of a greenthread\n", "of a plain one\n", "of a pool\n", "of a pool, plain\n", "heeded"].map(count)).toEqual([
    1, 1, 1, 1, 0,
  ]);
  expect(count("nobody waits for it")).toBe(4);
});

test("a program that waits for what cannot come is told so", async () => {
  expect(await fixtures.report("loop-exit.mjs")).toEqual(["ERR_LOOP_EXIT", "ERR_LOOP_EXIT", "ERR_LOOP_EXIT"]);
});

test("without memory for another stack, that is how a greenthread ends, and its place in a pool is free again", async () => {
  // Large stacks, so that what is left is too little for one, but enough for V8.
  const how = { first: "ulimit -v 9000000", env: { CORDAGE_GREENLET_STACK_SIZE: String(64 * 1024 ** 2) } };
  const none = "ERR_MEMORY_ALLOCATION_FAILED";
  expect(await fixtures.report("no-stack-left.mjs", [], how)).toEqual([true, 300, [none], 0, "again", [none], true]);
});

test("monkeyPatch has calls that block the thread block the greenthread", async () => {
  monkeyPatch({ zlib: false });
  try {
    expect([isMonkeyPatched(), isMonkeyPatched("fs.readFileSync"), isMonkeyPatched("zlib")]).toEqual([
      true,
      true,
      false,
    ]);
    const turns = await run(() => {
      let count = 0;
      const other = spawn(() => {
        for (;;) {
          count++;
          sleep(0);
        }
      });
      sleep(0);
      const before = count;
      expect(fs.readFileSync(new URL(import.meta.url), "utf8")).toContain("monkeyPatch");
      expect(Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20)).toBe("timed-out");
      other.kill();
      return count - before;
    });
    expect(turns).toBeGreaterThan(0);
  } finally {
    monkey.unpatchAll();
  }
  expect(isMonkeyPatched()).toBe(false);
});
