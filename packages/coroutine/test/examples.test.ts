/** Each program of examples/ prints what its last comment says. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { endLeftOver, run } from "@cordage/test-support";
import { afterAll, expect, test } from "@jest/globals";

afterAll(endLeftOver);

const folder = new URL("../examples/", import.meta.url);
const programs = readdirSync(folder).filter((file) => file.endsWith(".mjs"));

function promised(source: string): string {
  const [, comment] = /^\/\/ Prints:\n((?:\/\/ .*\n)+)$/m.exec(source)!;
  return comment!.replaceAll(/^\/\/ /gm, "");
}

test.each(programs)("%s prints what it says, and has at most 60 lines", async (file) => {
  const path = fileURLToPath(new URL(file, folder));
  const source = readFileSync(path, "utf8");
  expect(source.split("\n").length - 1).toBeLessThanOrEqual(60);
  expect(await run(path)).toEqual({ code: 0, signal: null, stdout: promised(source), stderr: "" });
});
