/** The document's programs, in its order. A new one is one line here, a file in programs/ and one in expectations/. */
import type { Expectation, Program } from "./program.js";

export const catalogue: readonly Program[] = [];

/** A program whose file in programs/ has its name. */
export function program(name: string, title: string, expectation: Expectation): Program {
  const section = name.slice(0, name.indexOf("-"));
  return { name, section, title, expectation, module: new URL(`./programs/${name}.js`, import.meta.url) };
}
