import { expect, test } from "@jest/globals";
import { run } from "../support/fixture.js";

const forking = { flags: ["--single-threaded", "--v8-pool-size=0"] };

test("a process killed before any step of any operation costs at most the item in its hands", async () => {
  const { code, stdout, stderr } = await run("../stress/queue-deaths.mjs", [], forking);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  for (const steps of Object.values(JSON.parse(stdout))) expect(steps).toBeGreaterThan(8);
}, 120_000);

test("parties killed at random lose nothing of the living and double nothing", async () => {
  const { code, stdout, stderr } = await run("../stress/queue-kills.mjs", ["200"], forking);
  console.log(stdout);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toContain("200 kills");
}, 240_000);
