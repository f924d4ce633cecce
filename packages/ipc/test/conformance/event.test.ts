import { inspect } from "node:util";
import { Event } from "@cordage/ipc";
import { eventLaws } from "@cordage/test-support/laws";
import { expect, test } from "@jest/globals";
import { world } from "../support/world.js";

eventLaws(world);

// 63 _TestEvent.test_repr
test("an event prints whether it is set", () => {
  const event = new Event();
  expect(inspect(event)).toBe("<Event unset>");
  event.set();
  expect(`${event}`).toBe("<Event set>");
  event.clear();
  expect(String(event)).toBe("<Event unset>");
});
