/** Python's print(), for programs that are read, and whose output is read, beside a Python original. */
import { inspect } from "node:util";

/**
 * Prints its arguments as Python would: strings as they are, everything else as Python writes it, one space between.
 *
 * @example
 * print("response", [12, { name: "yuan" }]);      // response [12, {'name': 'yuan'}]
 */
export function print(...values: unknown[]): void {
  console.log(values.map((value) => (typeof value === "string" ? value : repr(value))).join(" "));
}

function repr(value: unknown): string {
  if (typeof value === "string") return quoted(value);
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  if (typeof value === "boolean") return value ? "True" : "False";
  if (value === null || value === undefined) return "None";
  if (Array.isArray(value)) return `[${value.map(repr).join(", ")}]`;
  if (value instanceof Map) return dict([...value]);
  return Object.getPrototypeOf(value) === Object.prototype ? dict(Object.entries(value)) : inspect(value);
}

function dict(entries: [unknown, unknown][]): string {
  return `{${entries.map(([key, value]) => `${repr(key)}: ${repr(value)}`).join(", ")}}`;
}

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll(quote, `\\${quote}`);
  return `${quote}${escaped}${quote}`;
}
