// Greenlets among themselves: control goes where it should, with the value that was sent, and so do errors.
import assert from "node:assert/strict";
import { Greenlet, GreenletExit, getCurrent } from "@cordage/greenlet";

/** Greenlets that pass a token to one another at random, each keeping what it has seen; then all are ended, in one way or the other. */
export const graphs = {
  atATime: 2,
  round(random) {
    const home = getCurrent();
    const seen = new Map();
    const everyone = Array.from({ length: 2 + random(30) }, (_, i) => {
      const one = new Greenlet((token) => {
        const own = [];
        seen.set(i, own);
        for (;;) {
          own.push(token.passed++);
          const next = token.left-- > 0 ? everyone[random(everyone.length)] : home;
          token = next.switch(token);
        }
      });
      return one;
    });
    const token = { passed: 0, left: random(300) };
    const whole = token.left + 1;
    assert.equal(everyone[0].switch(token), token);
    assert.equal(token.passed, whole);
    assert.deepEqual(
      [...seen.values()].flat().sort((a, b) => a - b),
      Array.from({ length: whole }, (_, i) => i),
    );
    for (const one of everyone) end(one, random(2));
  },
};

function end(one, how) {
  if (how === 0) {
    const error = new Error("the end");
    assert.throws(
      () => one.throw(error),
      (caught) => caught === error,
    );
  } else if (one.started) assert(one.throw() instanceof GreenletExit);
  else one.throw();
  assert(one.dead);
}

/** Errors that cross several greenlets, whose `finally` blocks switch on their way. */
export const errors = {
  round(random) {
    const order = [];
    const depth = 1 + random(20);
    let thrown;
    const descend = (level) => {
      if (level === depth) {
        thrown = new RangeError("from below");
        throw thrown;
      }
      try {
        return new Greenlet(descend).switch(level + 1);
      } finally {
        order.push(new Greenlet((value) => value).switch(level));
      }
    };
    assert.throws(
      () => descend(0),
      (caught) => caught === thrown && caught.stack.includes("descend"),
    );
    assert.deepEqual(
      order,
      Array.from({ length: depth }, (_, i) => depth - 1 - i),
    );
  },
};

/** A stack that is used up is an error on each, and the greenlet is as good as before. */
export const recursion = {
  round(random) {
    const deeper = (n) => 1 + deeper(n + 1);
    const one = new Greenlet(() => {
      assert.throws(() => deeper(0), RangeError);
      getCurrent().parent.switch("once");
      assert.throws(() => String(nested(100_000)), RangeError); // V8's own recursion, in C++
      return random(1000);
    });
    assert.equal(one.switch(), "once");
    assert.equal(typeof one.switch(), "number");
    assert(one.dead);
  },
};

function nested(depth) {
  let value = [];
  for (let i = 0; i < depth; i++) value = [value];
  return value;
}
