/** 3.3.3: ten children have set their numbers and the name in one dict, and appended to one list, in any order. */
import { compare, type Pattern } from "../lines.js";
import type { Expectation } from "../program.js";

const ten = Array.from({ length: 10 }, (_, n) => String(n));

export const manager: Expectation = ({ lines }) => compare(lines, [dict], [list]);

/** A JavaScript object's keys are strings: where Python prints 0, '0' is as good. */
const dict: Pattern = {
  text: `"{${ten.map((n) => `${n}: ${n}`).join(", ")}, 'name': 'alvin'}" in any order`,
  fits(line) {
    const items = between("{", "}", line)?.map((item) => item.replace(/^'(\d)':/, "$1:"));
    return same(items, [...ten.map((n) => `${n}: ${n}`), "'name': 'alvin'"]);
  },
};

const list: Pattern = {
  text: `"[0, 1, 2, 3, 4, <0 to 9 in any order>]"`,
  fits(line) {
    const items = between("[", "]", line);
    return items?.slice(0, 5).join() === "0,1,2,3,4" && same(items.slice(5), ten);
  },
};

function between(open: string, close: string, line: string): string[] | undefined {
  return line.startsWith(open) && line.endsWith(close) ? line.slice(1, -1).split(", ") : undefined;
}

function same(items: readonly string[] | undefined, wanted: readonly string[]): boolean {
  return items?.toSorted().join() === wanted.toSorted().join();
}
