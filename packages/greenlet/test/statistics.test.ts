/** What is told about greenlets that cost something. */
import { engine, type Greenlet, greenlet, statistics } from "@cordage/greenlet";
import { collect, until } from "@cordage/test-support";
import { expect, test } from "@jest/globals";
import { end, toParent } from "./support/greenlets.js";

/** In a function of its own: what an async function has had in its registers is kept. */
function forget(): void {
  greenlet(() => toParent()).switch();
  const itself: Greenlet = greenlet(() => toParent(String(itself)));
  itself.switch();
}

test("greenlets are counted from their start to their end, and the engine is named", () => {
  const before = statistics();
  const all = Array.from({ length: 10 }, () => greenlet(() => toParent()));
  expect(statistics()).toEqual({ ...before, engine });
  for (const g of all.slice(0, 5)) g.switch();
  expect(statistics()).toMatchObject({ greenlets: before.greenlets + 5, lost: before.lost });
  expect(statistics().stackBytes).toBeGreaterThan(0);
  end(...all);
  expect(statistics()).toMatchObject({ greenlets: before.greenlets, lost: before.lost });
});

test("one that is forgotten while it is suspended is lost, unless what is on its stack has it", async () => {
  const before = statistics().lost;
  forget();
  await until(async () => {
    await collect();
    return statistics().lost > before;
  });
  expect(statistics().lost).toBe(before + 1);
}, 20_000);
