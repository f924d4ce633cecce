/**
 * Random programs of greenlets, which do what a model of CPython's rules does, and what CPython's greenlet itself does where it is installed.
 * fast-check prints the seed and the path of a failing program; CORDAGE_SEED repeats it.
 */
import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { engine } from "@cordage/greenlet";
import { seed } from "@cordage/test-support";
import { expect, test } from "@jest/globals";
import fc from "fast-check";
import { GreenletMachine, toEnd } from "./support/greenlet-machine.js";
import { Model } from "./support/greenlet-model.js";
import { Interpreter, type Program, program } from "./support/program.js";

const PYTHON = "/usr/bin/python3";

function linesOfGreenlets(one: Program): string[] {
  const interpreter = new Interpreter(one, new GreenletMachine());
  toEnd(interpreter.main());
  return interpreter.log;
}

function linesOfModel(one: Program): string[] {
  const model = new Model();
  const interpreter = new Interpreter(one, model);
  model.execute(interpreter.main());
  return interpreter.log;
}

test("greenlets do what the model does, whatever they do to each other", () => {
  fc.assert(
    fc.property(program, (one) => {
      expect(linesOfGreenlets(one)).toEqual(linesOfModel(one));
    }),
    { numRuns: engine === "stack" ? 4000 : 2000, seed },
  );
});

/** CPython takes an exit that starts a parent for the tuple of its arguments, and finds none in it. */
function asCPython(lines: string[]): string[] {
  return lines.map((line) => line.replace("begins with exit", "begins with nothing"));
}

const installed = spawnSync(PYTHON, ["-c", "import greenlet"]).status === 0;
if (!installed) console.warn(`skipped: ${PYTHON} has no greenlet to compare with`);

(installed ? test : test.skip)(`greenlets do what CPython's do (seed ${seed})`, () => {
  const programs = fc.sample(program, { numRuns: 500, seed });
  const file = fileURLToPath(new URL("fixtures/reference.py", import.meta.url));
  const { stdout, stderr, status } = spawnSync(PYTHON, [file], {
    input: JSON.stringify(programs),
    encoding: "utf8",
    maxBuffer: 1e9,
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
  for (const [i, lines] of (JSON.parse(stdout) as string[][]).entries()) {
    const one = programs[i]!;
    expect({ one, lines: asCPython(linesOfGreenlets(one)) }).toEqual({ one, lines });
  }
});
