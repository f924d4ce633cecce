// Greenlets that do everything else while the servers serve. Every round checks what it gets.
import assert from "node:assert/strict";
import fs from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  event,
  GreenletExit,
  joinAll,
  kill,
  lock,
  pool,
  queue,
  sleep,
  socket,
  spawn,
  Timeout,
  urlopen,
} from "@cordage/gevent";

/** Items come out as they went in, whoever is killed meanwhile. */
function queues(_, random) {
  const items = new queue.Queue(2);
  const producer = spawn(() => {
    for (let i = 0; i < 20; i++) items.put(i);
  });
  const victim = spawn(() => new event.Event().wait(new AbortController()));
  const impatient = spawn(() => items.join({ timeout: random(3) }));
  const taken = [];
  while (taken.length < 20) {
    taken.push(items.get());
    items.taskDone();
    if (random(8) === 0) kill(victim);
  }
  joinAll([producer, impatient], { raiseError: true });
  victim.kill();
  assert.deepEqual(taken, [...Array(20).keys()]);
}

/** Never more than the permits, and all of them there at the end. */
function locks(_, random) {
  const permits = new lock.BoundedSemaphore(2);
  let held = 0;
  const holders = Array.from({ length: 6 }, () =>
    spawn(() => {
      permits.acquire();
      try {
        assert(++held <= 2);
        sleep(random(2));
      } finally {
        held--;
        permits.release();
      }
    }),
  );
  sleep(0);
  kill(holders[random(6)]);
  joinAll(holders, { raiseError: true });
  assert.deepEqual([permits.counter, held], [2, 0]);
}

/** Results in order; of some, only the first are wanted. */
function pools(_, random) {
  const jobs = new pool.Pool(1 + random(3));
  const items = [...Array(10).keys()];
  const square = (n) => {
    if (random(2)) sleep(random(2));
    return n * n;
  };
  assert.deepEqual(
    jobs.map(square, items),
    items.map((n) => n * n),
  );
  for (const value of jobs.imap(square, items, { maxsize: 2 })) if (value === 9) break;
  jobs.kill();
  assert.equal(jobs.length, 0);
}

/** Connections of greenlets that are killed, time out, or go on to the end. */
function connections({ echo }, random) {
  const talk = () => {
    const one = socket.createConnection(["127.0.0.1", echo]);
    const sent = Buffer.alloc(1 + random(100_000), random(256));
    const sender = spawn(() => one.sendAll(sent));
    try {
      let received = 0;
      while (received < sent.length) received += one.recv(1 << 16).length;
      sender.get();
    } finally {
      sender.kill(undefined, { block: false });
      one.close();
    }
  };
  const fate = random(3);
  if (fate === 0) new Timeout(random(5), false).run(talk);
  const one = spawn(talk);
  if (fate === 1) sleep(random(3));
  if (fate === 1) one.kill();
  one.join();
  assert(one.successful() || fate === 1, one.exception);
}

/** Pages that are read to their end, or given up. */
function fetches({ http }, random) {
  const data = Buffer.alloc(1 + random(5000), random(256));
  const url = `http://127.0.0.1:${http}/${random(3)}`;
  if (random(3) === 0) {
    const given = AbortSignal.timeout(1);
    try {
      urlopen(url, { data, signal: given }).close();
    } catch (error) {
      assert(error === given.reason, error);
    }
    return;
  }
  assert(data.equals(urlopen(url, { data }).read()));
}

/** Files through the patched calls: within a greenlet that may be killed meanwhile. */
function files(_, random) {
  const file = path.join(tmpdir(), `cordage-gevent-torture-${process.pid}`);
  const text = String(random(2 ** 31)).repeat(100);
  const one = spawn(() => {
    fs.writeFileSync(file, text);
    return fs.readFileSync(file, "utf8");
  });
  if (random(4) === 0) sleep(0);
  if (random(4) === 0) one.kill();
  const read = one.get();
  assert(read === text || read instanceof GreenletExit);
  fs.rmSync(file, { force: true });
}

export const workloads = { queues, locks, pools, connections, fetches, files };
