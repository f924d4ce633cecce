/** The processes that the tests of one file bring about, and whether they are gone. */
import { randomUUID } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";

/** In the environment of every program that is started here, and so of all that descends from it. */
export const mark = { CORDAGE_TEST_MARK: randomUUID() };

interface LeftOver {
  pid: number;
  command: string;
}

/** The marked processes that still run. */
function leftOver(): LeftOver[] {
  return readdirSync("/proc").flatMap((pid) => {
    try {
      if (!/^\d+$/.test(pid) || !readFileSync(`/proc/${pid}/environ`, "latin1").includes(mark.CORDAGE_TEST_MARK))
        return [];
      return [
        { pid: Number(pid), command: readFileSync(`/proc/${pid}/cmdline`, "latin1").replaceAll("\0", " ").trim() },
      ];
    } catch {
      return []; // ended meanwhile
    }
  });
}

/**
 * Waits for the end of every process that the tests of this file brought about.
 * @throws with the command lines of those that still run after `patience` milliseconds
 */
export async function allGone(patience = 10_000): Promise<void> {
  const deadline = performance.now() + patience;
  while (leftOver().length > 0 && performance.now() < deadline) await new Promise((go) => setTimeout(go, 5));
  const left = leftOver().map(({ pid, command }) => `${pid} ${command}`);
  if (left.length > 0) throw new Error(`still running: ${left.join("; ")}`);
}

/** For the end of a test file: as {@link allGone}, and ends those that are left. */
export async function endLeftOver(): Promise<void> {
  try {
    await allGone();
  } finally {
    for (const { pid } of leftOver()) process.kill(pid, "SIGKILL");
  }
}

/** Whether no such process is there any more; one that only its parent's wait() keeps counts as gone. */
export function gone(pid: number): boolean {
  if (!existsSync(`/proc/${pid}/stat`)) return true;
  return readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.startsWith("Z");
}
