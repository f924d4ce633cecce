import { fileURLToPath } from "node:url";
import { endLeftOver, run } from "@cordage/test-support";
import { afterAll, expect, test } from "@jest/globals";

afterAll(endLeftOver);

test("under every kind of work at once, with workers killed at random, each task is settled once and nothing grows", async () => {
  const soak = fileURLToPath(new URL("soak.mjs", import.meta.url));
  const { code, stdout, stderr } = await run(soak, ["8"], { flags: ["--expose-gc"] });
  console.log(stdout); // the seed
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toContain("nothing lost, nothing doubled, nothing grown");
});
