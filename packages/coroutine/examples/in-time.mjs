// What fails or is late takes its siblings along, and everything has been cleaned up when that is known.
import { call, race, Scheduler, sleep, taskGroup, timeout } from "@cordage/coroutine";

function* download(name, ms) {
  try {
    yield* sleep(ms);
    if (name === "broken") throw new Error("connection reset");
    return `${name} is there`;
  } finally {
    console.log(`${name}: closed`);
  }
}

function* attempt(program) {
  try {
    console.log(yield* program);
  } catch (error) {
    console.log(`${error.name}: ${error.message}`);
  }
}

const everything = () =>
  taskGroup((group) => {
    group.spawn(download("large", 10_000));
    group.spawn(download("broken", 5));
  });

await new Scheduler().runUntilComplete(function* main() {
  yield* attempt(race(download("near", 5), download("far", 10_000)));
  yield* attempt(timeout(5, download("slow", 10_000)));
  yield* attempt(everything());
  yield* attempt(call(async () => "and promises are waited for with call"));
});

// Prints:
// near: closed
// far: closed
// near is there
// slow: closed
// TimeoutError: cannot go on with main: it did not end within 5 ms
// broken: closed
// large: closed
// Error: connection reset
// and promises are waited for with call
