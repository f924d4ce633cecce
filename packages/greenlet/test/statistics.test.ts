/** What is told about greenlets that cost something. */
import { engine, type Greenlet, greenlet, statistics } from "@cordage/greenlet";
import { collect, until } from "@cordage/test-support";
import { expect, test } from "@jest/globals";
import { end, toParent } from "./support/greenlets.js";

/** In a function of its own: what an async function has had in its registers is kept. */
function makeTen(): void {
  const before = statistics();
  const all = Array.from({ length: 10 }, () => greenlet(() => toParent()));
  for (const g of all.slice(0, 5)) g.switch();
  expect(statistics()).toMatchObject({ engine, greenlets: before.greenlets + 10, lost: before.lost });
  expect(statistics().stackBytes).toBeGreaterThan(0);
  end(...all);
}

function forget(): void {
  greenlet(() => toParent()).switch();
  const itself: Greenlet = greenlet(() => toParent(String(itself)));
  itself.switch();
}

test("greenlets are counted until they are collected, and the engine is named", async () => {
  await collect();
  const before = statistics();
  makeTen();
  await until(async () => {
    await collect();
    return statistics().greenlets <= before.greenlets;
  });
  expect(statistics().lost).toBe(before.lost);
}, 20_000);

test("one that is forgotten while it is suspended is lost, unless what is on its stack has it", async () => {
  const before = statistics().lost;
  forget();
  await until(async () => {
    await collect();
    return statistics().lost > before;
  });
  expect(statistics().lost).toBe(before + 1);
}, 20_000);
