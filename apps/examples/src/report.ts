/** How the runner prints: plain text, with colours only where a person looks at a terminal. */
import type { Writable } from "node:stream";
import picocolors from "picocolors";
import type { Program } from "./program.js";
import type { Verdict } from "./run-program.js";

/** Prints to `output`; colours as `output` and the environment want them. */
export class Report {
  private readonly colors: ReturnType<typeof picocolors.createColors>;

  constructor(private readonly output: Writable & { isTTY?: boolean }) {
    this.colors = picocolors.createColors(
      output.isTTY === true && !process.env.NO_COLOR && process.env.TERM !== "dumb",
    );
  }

  begin(program: Program): void {
    const { bold, dim } = this.colors;
    this.line(`${bold(program.section)} ${bold(program.title)} ${dim(program.name)}`);
  }

  printed(line: string, from: "stdout" | "stderr"): void {
    this.line(`${this.colors.dim("  |")} ${from === "stderr" ? this.colors.red(line) : line}`);
  }

  end({ problems, milliseconds }: Verdict): void {
    const { green, red, dim } = this.colors;
    const took = dim(`(${(milliseconds / 1000).toFixed(1)} s)`);
    if (problems.length === 0) this.line(`  ${green("right")} ${took}\n`);
    else this.line(`  ${red("wrong")}: ${problems.join("; ")} ${took}\n`);
  }

  summary(right: number, wrong: number): void {
    const { green, red } = this.colors;
    const text = `${right} right, ${wrong} wrong`;
    this.line(wrong === 0 ? green(text) : red(text));
  }

  list(programs: readonly Program[]): void {
    const width = Math.max(0, ...programs.map(({ name }) => name.length));
    for (const { name, title } of programs) this.line(`${name.padEnd(width)}  ${title}`);
  }

  private line(text: string): void {
    this.output.write(`${text}\n`);
  }
}
