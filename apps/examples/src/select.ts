/** Which programs the words on the command line mean. */
import type { Program } from "./program.js";

/**
 * The programs whose section or name is wanted, in the document's order; all of them if nothing is asked for.
 * A section means its subsections too: "3.3" is 3.3.1, 3.3.2 and so on.
 *
 * @throws {RangeError} ERR_UNKNOWN_SECTION when a word means no program
 */
export function select(programs: readonly Program[], wanted: readonly string[]): Program[] {
  for (const word of wanted) if (!programs.some((program) => means(word, program))) throw unknown(word, programs);
  return programs.filter((program) => wanted.length === 0 || wanted.some((word) => means(word, program)));
}

function means(word: string, { section, name }: Program): boolean {
  return word === name || word === section || section.startsWith(`${word}.`);
}

function unknown(word: string, programs: readonly Program[]): RangeError {
  const known = [...new Set(programs.map(({ section }) => section))].join(", ");
  const message = `cannot run section ${word}: the document has no such program; there are ${known || "none"}`;
  return Object.assign(new RangeError(message), { code: "ERR_UNKNOWN_SECTION" });
}
