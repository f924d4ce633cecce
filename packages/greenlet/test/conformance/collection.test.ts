/** Greenlets that nobody has any more. */
import { engine, Greenlet, getCurrent, greenlet } from "@cordage/greenlet";
import { collect, until } from "@cordage/test-support";
import { expect, test } from "@jest/globals";
import { end, toParent } from "../support/greenlets.js";

class Circular extends Greenlet {
  self = this;
}

class Inactive extends Greenlet {
  constructor() {
    super(() => this.work());
  }
  work(): void {}
}

const makers: Record<string, () => Greenlet> = {
  // 90 TestGC.test_dead_circular_ref, 96 WeakRefTests.test_dead_weakref
  "that has ended with itself as the result": () => greenlet(getCurrent).switch() as Greenlet,
  // 97 WeakRefTests.test_inactive_weakref
  "that has not started": () => greenlet(() => 1),
  // 91 TestGC.test_circular_greenlet
  "that has not started and has itself as a property": () => new Circular(),
  // 92 TestGC.test_inactive_ref
  "that has not started and runs a method of its own": () => new Inactive(),
  "that was killed before it started": () => {
    const g = greenlet(() => 1);
    g.throw();
    return g;
  },
};

test.each(Object.entries(makers))("a greenlet %s is collected", async (_, make) => {
  const ref = new WeakRef(make());
  await until(async () => {
    await collect();
    return ref.deref() === undefined;
  });
});

test("what a suspended greenlet has is kept, and collected once it has ended", async () => {
  const refs: Array<WeakRef<object>> = [];
  const g = greenlet(() => {
    const local = { kept: true };
    refs.push(new WeakRef(local));
    toParent();
    return local.kept;
  });
  g.switch();
  await collect();
  expect(refs[0]!.deref()).toEqual({ kept: true });
  expect(g.switch()).toBe(true);
  await until(async () => {
    await collect();
    return refs[0]!.deref() === undefined;
  });
});

// 125 TestLeaks.test_untracked_memory_doesnt_increase
test("the memory of the process reaches a plateau, however many greenlets run and end", async () => {
  const each = engine === "stack" ? 5000 : 500; // a thread takes longer to make
  const round = async () => {
    for (let i = 0; i < each; i++) {
      const g = greenlet(() => toParent(new Array(100).fill(i)));
      g.switch();
      end(g);
    }
    await collect();
    return process.memoryUsage.rss();
  };
  let before = await round();
  let rounds = 1;
  for (let after = await round(); after > before; after = await round(), rounds++) {
    before = after;
    expect(rounds).toBeLessThan(40);
  }
});
