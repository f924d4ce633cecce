// Waiting for promises in ordinary functions, in a callback of sort() even: while one greenlet waits, the others go on.
import { setTimeout as sleep } from "node:timers/promises";
import { getCurrent, greenlet } from "@cordage/greenlet";

const main = getCurrent();

/** Goes to the main greenlet, where the event loop is, until the promise is settled. */
function wait(promise) {
  const me = getCurrent();
  promise.then(
    (value) => me.switch(value),
    (error) => me.throw(error),
  );
  return main.switch();
}

function slowly(value, ms) {
  return wait(sleep(ms, value));
}

greenlet(() => {
  const sorted = ["pear", "fig", "apple"].sort((a, b) => slowly(a.length - b.length, 5));
  console.log("sorted:", ...sorted);
}).switch();

greenlet(() => {
  try {
    wait(Promise.reject(new Error("refused")));
  } catch (error) {
    console.log("caught:", error.message);
  }
}).switch();

console.log("main goes on");

// Prints:
// main goes on
// caught: refused
// sorted: fig pear apple
