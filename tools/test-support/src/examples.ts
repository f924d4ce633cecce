/** The programs of a package's examples/: each prints what its last comment says. */
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "@jest/globals";
import { run } from "./program.js";

const LONGEST = 60;

function promised(source: string): string {
  const [, comment] = /^\/\/ Prints:\n((?:\/\/ .*\n)+)$/m.exec(source)!;
  return comment!.replaceAll(/^\/\/ /gm, "");
}

export function testExamples(folder: URL): void {
  const programs = readdirSync(folder).filter((file) => file.endsWith(".mjs"));
  test.each(programs)(`%s prints what it says, and has at most ${LONGEST} lines`, async (file) => {
    const path = fileURLToPath(new URL(file, folder));
    const source = readFileSync(path, "utf8");
    expect(source.split("\n").length - 1).toBeLessThanOrEqual(LONGEST);
    expect(await run(path)).toEqual({ code: 0, signal: null, stdout: promised(source), stderr: "" });
  });
}
