// Section 4.2, "greenlet"; the Python original is python/4.2-greenlet.py.
import { greenlet } from "@cordage/greenlet";
import { print } from "../builtins/print.js";

function test1() {
  print(12);
  gr2.switch();
  print(34);
  gr2.switch();
}

function test2() {
  print(56);
  gr1.switch();
  print(78);
}

const gr1 = greenlet(test1);
const gr2 = greenlet(test2);
gr1.switch();
