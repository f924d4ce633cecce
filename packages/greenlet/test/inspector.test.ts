/** Debuggers, in the same thread and at the other end of a wire. */
import { endLeftOver, fixturesIn, programsIn } from "@cordage/test-support";
import { afterAll, describe, expect, test } from "@jest/globals";
import { Debugger } from "./support/debugger.js";

const fixtures = new URL("fixtures/", import.meta.url);
const { reports } = programsIn(fixtures);
const { start } = fixturesIn(fixtures);
/** Node warns of what the session was not told, for want of room. */
const debugged = (scenario: string) => reports("debugs-itself.mjs", scenario, { flags: ["--no-warnings"] });
afterAll(endLeftOver);

describe("a session with the own thread", () => {
  test("stops in greenlets with the frames and variables of each, before and after they are suspended", async () => {
    const names = ["inner", "outer", ""];
    const stops = ["a", "b", "b", "a"].map((name) => [names, `${name}, inside`]);
    expect(await debugged("frames")).toEqual([stops]);
  });

  test("steps over switches, in the greenlet in which it has begun", async () => {
    expect(await debugged("steps")).toEqual([[1, 1, 1, 2, 2, 3].map((local) => [["stepping"], local])]);
  });

  test("switches, where it is stopped", async () => {
    expect(await debugged("switches")).toEqual([[[["stopped"], 12]]]);
  });

  test("stops near the end of a stack", async () => {
    expect(await debugged("deep")).toEqual([[true, true]]);
  });
});

test("a debugger at the end of a wire pauses greenlets, looks at them, steps over a switch and lets them go on", async () => {
  const program = start("debugged.mjs", [], { flags: ["--inspect=127.0.0.1:0"] });
  const url = await new Promise<string>((resolve) => {
    program.child.stderr!.on("data", (text) => /ws:\S+/.exec(text) && resolve(/ws:\S+/.exec(text)![0]));
  });
  expect(await program.line()).toBe("begins");
  const debug = await Debugger.connect(url);
  await debug.send("Debugger.enable");
  const seen = new Set<string>();
  while (seen.size < 2) {
    await debug.send("Debugger.pause");
    const { callFrames } = await debug.event("Debugger.paused");
    const at = callFrames.find(({ functionName }: any) => functionName === "turn");
    if (at) {
      const { result } = await debug.send("Debugger.evaluateOnCallFrame", {
        callFrameId: at.callFrameId,
        expression: "own",
      });
      seen.add(result.value);
    }
    await debug.send("Debugger.resume");
    await debug.event("Debugger.resumed"); // another pause is none as long as this one lasts
  }
  expect([...seen].sort()).toEqual(["a", "b"]);
  await debug.send("Runtime.evaluate", { expression: "enough = true" });
  const lines = [];
  for (const next of ["stepOver", "stepOver", "resume"]) {
    const { callFrames } = await debug.event("Debugger.paused");
    lines.push([callFrames[0].functionName, callFrames[0].location.lineNumber]);
    await debug.send(`Debugger.${next}`);
  }
  const first = lines[0]![1];
  expect(lines).toEqual([0, 1, 2].map((line) => ["stepped", first + line]));
  debug.close();
  const { code, signal, stdout } = await program.ended;
  expect([code, signal, JSON.parse(stdout.trim().split("\n").at(-1)!)]).toEqual([
    0,
    null,
    ["a ends", "b ends", "received", "suspended"],
  ]);
});
