/** Programs of a folder that are run once for each start method: `node program.mjs METHOD ...`. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { type Ended, type How, type Running, run, start } from "./program.js";

/** What `fork` needs on the command line. */
const FORKING = ["--single-threaded", "--v8-pool-size=0"];

export interface HowByMethod extends How {
  args?: string[];
}

export interface Programs {
  path(program: string): string;
  start(program: string, method: string, how?: HowByMethod): Running;
  /** Runs a program until it, and everybody who had its output, has ended. */
  run(program: string, method: string, how?: HowByMethod): Promise<Ended>;
  /** The values that a program printed, one line of JSON, or of text, each; it must have ended well and quietly. */
  reports(program: string, method: string, how?: HowByMethod): Promise<any[]>;
}

export function programsIn(folder: URL): Programs {
  const path = (program: string) => fileURLToPath(new URL(program, folder));
  const command = (program: string, method: string, how: HowByMethod = {}): [string, string[], How] => {
    const flags = [...(method === "fork" ? FORKING : []), ...(how.flags ?? [])];
    return [path(program), [method, ...(how.args ?? [])], { ...how, flags }];
  };
  const runToEnd: Programs["run"] = (program, method, how) => run(...command(program, method, how));
  return {
    path,
    start: (program, method, how) => start(...command(program, method, how)),
    run: runToEnd,
    async reports(program, method, how) {
      const { code, signal, stdout, stderr } = await runToEnd(program, method, how);
      assert.deepEqual({ code, signal, stderr }, { code: 0, signal: null, stderr: "" }, `stdout: ${stdout}`);
      return stdout.split("\n").filter(Boolean).map(parsed);
    },
  };
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return line;
  }
}
