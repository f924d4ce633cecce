/** 3.2: the main process tells its ids, then two children theirs: their parent is the main process. */
import { compare, exactly, numbered } from "../lines.js";
import type { Expectation } from "../program.js";

const rule = exactly("------------------");

export const processInfo: Expectation = ({ lines, pid, parentPid }) => {
  const parent = exactly(`parent process: ${pid}`);
  const child = numbered("process id: ");
  return (
    compare(
      lines,
      [exactly("name: main process line")],
      [exactly(`parent process: ${parentPid}`)],
      [exactly(`process id: ${pid}`)],
      [rule],
      // Two children print at once: their lines may mix.
      [exactly("name: alvin"), exactly("name: egon"), parent, parent, child, child, rule, rule],
      [exactly("ending")],
    ) ?? threeIds(lines)
  );
};

function threeIds(lines: readonly string[]): string | undefined {
  const ids = lines.filter((line) => line.startsWith("process id: "));
  return new Set(ids).size === 3 ? undefined : `its three processes should have three ids, not ${ids.join(", ")}`;
}
