// Three workers share the jobs of a channel; a fourth task collects what they find. All of them end together.
import { Channel, Scheduler, sleep, TestClock, taskGroup } from "@cordage/coroutine";

function* largestFactorOf(n) {
  for (let p = 2; p * p <= n; p++)
    while (n % p === 0 && n > p) {
      n /= p;
      yield; // the others have their turns
    }
  return n;
}

function* worker(jobs, results) {
  for (let job = yield* jobs.next(); !job.done; job = yield* jobs.next())
    yield* results.put([job.value, yield* largestFactorOf(job.value)]);
}

function* collector(results) {
  const found = new Map();
  for (let next = yield* results.next(); !next.done; next = yield* results.next()) found.set(...next.value);
  return found;
}

function* main() {
  const [jobs, results] = [new Channel(), new Channel(10)];
  return yield* taskGroup(function* (group) {
    const collected = group.spawn(collector(results));
    yield* taskGroup(function* (workers) {
      for (let i = 0; i < 3; i++) workers.spawn(worker(jobs, results));
      for (const n of [97, 1001, 65536, 600851475143]) yield* jobs.put(n);
      jobs.close();
      yield* sleep(60_000); // takes no time here: the clock is a test's
    });
    results.close();
    return yield* collected.join();
  });
}

const found = await new Scheduler({ clock: new TestClock() }).runUntilComplete(main);
for (const [n, factor] of [...found].sort(([a], [b]) => a - b)) console.log(`${n}: ${factor}`);

// Prints:
// 97: 97
// 1001: 13
// 65536: 2
// 600851475143: 6857
