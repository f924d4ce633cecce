// A pool under every kind of work at once while its workers are killed at random: every task is settled exactly once, with
// its own result or a reason that fits, and nothing grows. `npm run stress [seconds] [seed]`; prints the seed.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep, setImmediate as turn } from "node:timers/promises";
import { Pool, WorkerDiedError } from "@cordage/pool";
import { isMain } from "@cordage/process";
import { seeded } from "@cordage/test-support";
import { add, digest, later, square, waits } from "../fixtures/tasks.mjs";

const seconds = Number(process.argv[2] ?? 300);
const seed = Number(process.argv[3] ?? Math.floor(Math.random() * 2 ** 31));
const BETWEEN_KILLS = 50;
/** Tasks under way at a time. */
const CLIENTS = 200;

const random = seeded(seed);

const counts = { submitted: 0, right: 0, died: 0, aborted: 0, late: 0, kills: 0 };

/** Runs one task; whatever it comes to must fit, and come once. */
async function settled(run, right, allowed = []) {
  counts.submitted++;
  let times = 0;
  const outcome = run().then(
    (value) => ({ value, times: ++times }),
    (error) => ({ error, times: ++times }),
  );
  const { value, error } = await outcome;
  assert.equal(times, 1);
  if (error === undefined) {
    assert.deepEqual(value, right);
    counts.right++;
  } else if (error instanceof WorkerDiedError) {
    assert.equal(error.exitcode, -9);
    counts.died++;
  } else {
    assert.ok(allowed.includes(error.code) || allowed.includes(error.name), `unexpected: ${error.stack}`);
    counts[error.name === "AbortError" ? "aborted" : "late"]++;
  }
}

const buffers = [1, 1000, 70_000, 1_000_000].map((size) => Buffer.alloc(size, size & 0xff));
const digests = buffers.map((buffer) => createHash("sha256").update(buffer).digest("hex"));

/** The kinds of work: each does one thing and looks at what came of it. */
const work = [
  (pool) => settled(() => pool.apply(square, [7]), 49),
  (pool) => settled(() => pool.apply(add, ["a", "b"], { retries: 100 }), "ab"),
  (pool) => settled(() => pool.apply(later, [{ a: [1] }, random(20)]), { a: [1] }),
  (pool) => {
    const i = random(buffers.length);
    return settled(() => pool.apply(digest, [buffers[i]]), { hex: digests[i], bytes: buffers[i] });
  },
  (pool) =>
    settled(
      () =>
        pool.map(
          square,
          Array.from({ length: 100 }, (_, i) => i),
        ),
      squares,
    ),
  (pool) => settled(() => pool.apply(later, [1, 30], { timeout: 10 }), 1, ["ERR_TASK_TIMEOUT"]),
  (pool) => {
    const abort = new AbortController();
    setTimeout(() => abort.abort(), random(15));
    return settled(() => pool.apply(waits, [40], { signal: abort.signal }), "waited", ["AbortError"]);
  },
  (pool) =>
    settled(
      async () => {
        const results = [];
        for await (const result of pool.imap(square, counting(20), { buffersize: 5, retries: 100 }))
          results.push(result);
        return results;
      },
      squares.slice(0, 20),
    ),
];
const squares = Array.from({ length: 100 }, (_, i) => i * i);

function* counting(n) {
  for (let i = 0; i < n; i++) yield i;
}

async function client(pool, until) {
  while (performance.now() < until) {
    await work[random(work.length)](pool);
    await turn();
  }
}

async function killer(pool, until) {
  while (performance.now() < until) {
    await sleep(BETWEEN_KILLS);
    const alive = pool.stats().workers.filter(({ state }) => state !== "ending");
    const victim = alive[random(alive.length)];
    if (!victim) continue;
    try {
      process.kill(victim.pid, "SIGKILL");
      counts.kills++;
    } catch {
      // It had ended by itself.
    }
  }
}

/** What must not grow. */
function usage() {
  globalThis.gc();
  const status = readFileSync("/proc/self/status", "utf8");
  const inKiB = (name) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)[1]);
  return {
    descriptors: readdirSync("/proc/self/fd").length,
    mappings: readFileSync("/proc/self/maps", "utf8").split("\n").length,
    threads: readdirSync("/proc/self/task").length,
    privateMiB: Math.round(inKiB("RssAnon") / 1024),
    sharedMiB: Math.round(inKiB("RssShmem") / 1024),
  };
}

async function phase(pool, milliseconds) {
  const until = performance.now() + milliseconds;
  await Promise.all([killer(pool, until), ...Array.from({ length: CLIENTS }, () => client(pool, until))]);
  // What is collected late is collected now.
  for (let i = 0; i < 5; i++) {
    globalThis.gc();
    await turn();
  }
  return usage();
}

if (isMain(import.meta)) {
  console.log(`seed ${seed}`);
  const pool = new Pool({ processes: 4, grace: 100 });
  const warm = await phase(pool, (seconds * 1000) / 5);
  const end = await phase(pool, (seconds * 4000) / 5);
  const { completed, failed, retries, restarts, queued, running, workers } = pool.stats();
  console.log(JSON.stringify({ ...counts, completed, failed, retries, restarts, warm, end }));
  assert.equal(queued, 0);
  assert.equal(running, 0);
  assert.equal(counts.right + counts.died + counts.aborted + counts.late, counts.submitted);
  assert.ok(counts.died > 0 && counts.aborted > 0 && counts.late > 0 && restarts > 0);
  assert.ok(workers.length <= 4);
  assert.ok(end.descriptors <= warm.descriptors + 8, "descriptors grow");
  assert.ok(end.mappings <= warm.mappings + 150, "mappings grow");
  assert.ok(end.threads <= warm.threads + 2, "threads grow");
  assert.ok(end.privateMiB <= warm.privateMiB * 1.3 + 40, "memory grows");
  assert.ok(end.sharedMiB <= warm.sharedMiB * 1.3 + 80, "shared memory grows");
  pool.close();
  await pool.join();
  console.log("nothing lost, nothing doubled, nothing grown");
}
