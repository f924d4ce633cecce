// Two functions that go on in the middle of each other.
import { greenlet } from "@cordage/greenlet";

function test1() {
  console.log(12);
  gr2.switch();
  console.log(34);
  gr2.switch();
}

function test2() {
  console.log(56);
  gr1.switch();
  console.log(78);
}

const gr1 = greenlet(test1);
const gr2 = greenlet(test2);
gr1.switch();

// Prints:
// 12
// 56
// 34
// 78
