/** CPython's sockets at the other end. */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { mark } from "@cordage/test-support";

export interface Python {
  child: ChildProcess;
  /** The next value that it prints, as JSON. */
  value(): Promise<any>;
  /** Its exit status, once it has ended. */
  ended: Promise<number | null>;
}

/** Runs a program that finds `socket`, `say(value)`, and `sys.argv` with the arguments in JSON, as `args`. */
export function python(program: string, args: unknown[] = []): Python {
  const prelude = `import json, socket, sys
args = json.loads(sys.argv[1])
def say(value): print(json.dumps(value), flush=True)
`;
  const stdio = ["ignore", "pipe", "inherit"] as const;
  const env = { ...process.env, ...mark };
  const child = spawn("python3", ["-c", prelude + program, JSON.stringify(args)], { stdio: [...stdio], env });
  const lines = createInterface({ input: child.stdout! })[Symbol.asyncIterator]();
  return {
    child,
    value: async () => JSON.parse((await lines.next()).value ?? "null"),
    ended: new Promise((resolve) => child.on("close", resolve)),
  };
}
