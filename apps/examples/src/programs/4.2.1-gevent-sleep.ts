// Section 4.2.1, "gevent": two that sleep; the Python original is python/4.2.1-gevent-sleep.py.
import { joinAll, run, sleep, spawn } from "@cordage/gevent";
import { print } from "../builtins/print.js";

function foo() {
  print("running in foo");
  sleep(2000);
  print("switch to foo again");
}

function bar() {
  print("switch to bar");
  sleep(5000);
  print("switch to bar again");
}

await run(() => {
  const start = Date.now();
  joinAll([spawn(foo), spawn(bar)]);
  print((Date.now() - start) / 1000);
});
