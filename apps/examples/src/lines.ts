/** What expectations are made of: lines that a program should print, in order or in any order. */
import { ctime } from "./builtins/ctime.js";

export interface Pattern {
  /** How a message names it. */
  readonly text: string;
  fits(line: string): boolean;
}

export function exactly(text: string): Pattern {
  return { text: `"${text}"`, fits: (line) => line === text };
}

/** A line of which the groups of an expression, if it matches, satisfy a condition. @param text how a message names it */
export function matching(
  text: string,
  expression: RegExp,
  holds: (...groups: string[]) => boolean = () => true,
): Pattern {
  const fits = (line: string) => {
    const match = expression.exec(line);
    return match !== null && holds(...match.slice(1));
  };
  return { text: `"${text}"`, fits };
}

/** A line of this beginning that ends with a whole number above 0. */
export function numbered(beginning: string): Pattern {
  const fits = (line: string) => line.startsWith(beginning) && /^[1-9]\d*$/.test(line.slice(beginning.length));
  return { text: `"${beginning}<number>"`, fits };
}

/** A line of this beginning that ends with a time as Python's time.ctime() writes it. */
export function timed(beginning: string): Pattern {
  const fits = (line: string) => line.startsWith(beginning) && isCtime(line.slice(beginning.length));
  return { text: `"${beginning}<time>"`, fits };
}

function isCtime(text: string): boolean {
  const time = new Date(text);
  return !Number.isNaN(time.getTime()) && ctime(time) === text;
}

/**
 * Compares lines with groups of patterns: the groups come one after the other, within a group any order is right.
 *
 * @returns what differs, or undefined
 */
export function compare(lines: readonly string[], ...groups: readonly Pattern[][]): string | undefined {
  const rest = [...lines];
  for (const group of groups) {
    const missing = takeGroup(rest.splice(0, group.length), group);
    if (missing) return missing;
  }
  return rest.length === 0 ? undefined : `it should not print "${rest[0]}"`;
}

function takeGroup(lines: string[], group: readonly Pattern[]): string | undefined {
  for (const pattern of group) {
    const at = lines.findIndex((line) => pattern.fits(line));
    if (at < 0) return `it should print ${pattern.text}${lines.length > 0 ? ` where it prints "${lines[0]}"` : ""}`;
    lines.splice(at, 1);
  }
  return undefined;
}
