/** Says where in a value something is: `$.rows[3].onClick`. */
import { type Node, Tag } from "./tag.js";

const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;
const MOST_STEPS = 40;

function keyed(key: unknown): string {
  if (typeof key !== "string") return "[?]";
  return IDENTIFIER.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}

/** The step to entry `position` of a map; a Map's entries begin at 1. */
function mapStep(node: Node, position: number): string {
  const nth = (position - 1) >> 1;
  if (position % 2 === 1) return `.keys()[${nth}]`;
  const key = node[position - 1];
  return typeof key === "object" && key !== null ? `.values()[${nth}]` : `.get(${shownKey(key)})`;
}

function shownKey(key: unknown): string {
  return typeof key === "string" ? JSON.stringify(key) : `${key}${typeof key === "bigint" ? "n" : ""}`;
}

function classStep(node: Node, position: number): string {
  const contents = 4 + 2 * (node[3] as number);
  if (position < contents) return keyed(node[position - 1]);
  const inside = position - contents + 1;
  if (node[2] === Tag.MAP) return mapStep([Tag.MAP, ...node.slice(contents)], inside);
  return node[2] === Tag.SET ? `.values()[${inside - 1}]` : `[${inside - 1}]`;
}

/** The step from a node to what is, or was about to be, at `position` in it. */
export function step(node: Node, position: number): string {
  switch (node[0] as Tag) {
    case Tag.ARRAY:
      return `[${position - 1}]`;
    case Tag.SPARSE:
      return `[${node[position - 1]}]`;
    case Tag.MAP:
      return mapStep(node, position);
    case Tag.SET:
      return `.values()[${position - 1}]`;
    case Tag.PACKED:
    case Tag.SHARED:
      return ".pack()";
    case Tag.CLASS:
      return classStep(node, position);
    default:
      return keyed(node[position - 1]);
  }
}

/** Joins steps, innermost first; the middle of a very long way is left out. */
export function joined(steps: string[]): string {
  const outermost = steps.reverse();
  if (outermost.length <= MOST_STEPS) return `$${outermost.join("")}`;
  const half = MOST_STEPS / 2;
  return `$${outermost.slice(0, half).join("")}...${outermost.slice(-half).join("")}`;
}
