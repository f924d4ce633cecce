/** The command line of the runner. */
import { constants } from "node:os";
import { Command, CommanderError, InvalidArgumentError } from "commander";
import type { Program } from "./program.js";
import { Report } from "./report.js";
import { runProgram } from "./run-program.js";
import { select } from "./select.js";

const RIGHT = 0;
const WRONG = 1;
const MISUSED = 2;

interface Options {
  list?: boolean;
  online?: boolean;
  limit: number;
}

/**
 * Does what the arguments say, prints to stdout and stderr.
 *
 * @returns the exit code: 0 if all that ran is right, 1 if something is wrong, 2 if the arguments are
 */
export async function runCommandLine(programs: readonly Program[], args: readonly string[]): Promise<number> {
  const command = describe();
  try {
    command.parse(args, { from: "user" });
    const wanted = select(programs, command.args);
    return await act(wanted, command.opts<Options>());
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? RIGHT : MISUSED;
    if ((error as NodeJS.ErrnoException).code !== "ERR_UNKNOWN_SECTION") throw error;
    console.error(`error: ${(error as Error).message}`);
    return MISUSED;
  }
}

function describe(): Command {
  return new Command("npm start --")
    .description(
      "Runs the document's programs, each in a process of its own, and says whether each does what the document says.",
    )
    .argument("[section...]", 'sections or names, as "3.1", "3.3" or "3.3.2-pipe"; all programs if none is given')
    .option("-l, --list", "list the programs instead of running them")
    .option("--online", "fetch from the document's hosts, where it does")
    .option("--limit <seconds>", "kill a program that runs longer", seconds, 60)
    .addHelpText("after", "\nExit code: 0 if all are right, 1 if one is wrong, 2 if the command line is.")
    .exitOverride();
}

function seconds(text: string): number {
  const value = Number(text);
  if (value > 0 && value <= 86_400) return value;
  throw new InvalidArgumentError("It must be a number of seconds above 0 and at most 86400.");
}

async function act(programs: readonly Program[], options: Options): Promise<number> {
  const report = new Report(process.stdout);
  if (options.list) {
    report.list(programs);
    return RIGHT;
  }
  if (options.online) process.env.CORDAGE_EXAMPLES_ONLINE = "1";
  exitOnSignals();
  const wrong = await runAll(programs, options.limit * 1000, report);
  report.summary(programs.length - wrong, wrong);
  return wrong === 0 ? RIGHT : WRONG;
}

/** A signal's default action would skip the "exit" event, on which the running program is killed. */
function exitOnSignals(): void {
  for (const signal of ["SIGHUP", "SIGINT", "SIGTERM"] as const)
    process.once(signal, () => process.exit(128 + constants.signals[signal]));
}

async function runAll(programs: readonly Program[], limit: number, report: Report): Promise<number> {
  let wrong = 0;
  for (const program of programs) {
    report.begin(program);
    const verdict = await runProgram(program, { limit, onLine: (line, from) => report.printed(line, from) });
    report.end(verdict);
    if (verdict.problems.length > 0) wrong++;
  }
  return wrong;
}
