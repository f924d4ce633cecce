import { inheritedFlags } from "@cordage/ipc/sys";
import { expect, test } from "@jest/globals";

test.each<[string, string[], string[]]>([
  ["nothing", [], []],
  [
    "loaders, conditions and V8's settings",
    ["--import", "./a.mjs", "-r", "b", "-C", "dev", "--max-old-space-size=64"],
    [],
  ],
  ["a program to evaluate", ["--conditions=dev"], ["-e", "-1"]],
  ["what kind it is", ["--conditions=dev"], ["--input-type=module", "--eval=1"]],
  ["a profile, and the values of its flags", ["--stack-size=900"], ["--cpu-prof", "--cpu-prof-interval", "200"]],
  ["an inspector's port", [], ["--inspect", "--inspect-port", "0"]],
  ["a test run and its reporter", ["--no-warnings"], ["--test", "--test-reporter", "spec", "--watch"]],
])("a child inherits the rest of %s", (_what, kept, own) => {
  expect(inheritedFlags([...own, ...kept])).toEqual(kept);
  expect(inheritedFlags([...kept, ...own])).toEqual(kept);
});
