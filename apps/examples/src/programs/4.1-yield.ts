// Section 4.1, "yield"; the Python original is python/4.1-yield.py.
import { type Coroutine, coroutine } from "@cordage/coroutine";
import { print } from "../builtins/print.js";
import { sleep } from "../builtins/sleep.js";

const consumer = coroutine(function* (): Generator<string, void, number> {
  let r = "";
  while (true) {
    const n = yield r;
    if (!n) return;
    print(`[CONSUMER] ←← Consuming ${n}...`);
    sleep(1);
    r = "200 OK";
  }
});

function produce(c: Coroutine<string, void, number>) {
  c.next();
  let n = 0;
  while (n < 5) {
    n = n + 1;
    print(`[PRODUCER] →→ Producing ${n}...`);
    const cr = c.send(n);
    print(`[PRODUCER] Consumer return: ${cr}`);
  }
  c.close();
}

const c = consumer();
produce(c);
