import { fileURLToPath } from "node:url";
import { endLeftOver, run } from "@cordage/test-support";
import { afterAll, expect, test } from "@jest/globals";

declare const engine: string;
const program = fileURLToPath(new URL("fixtures/many-ends.cjs", import.meta.url));
afterAll(endLeftOver);

test("what has ended leaves nothing behind", async () => {
  const { code, stdout } = await run(program, [engine, "4000"], { flags: ["--expose-gc"] });
  expect(code).toBe(0);
  // V8's record of a thread alone has about 100 bytes.
  expect(Number(stdout)).toBeLessThan(50);
});
