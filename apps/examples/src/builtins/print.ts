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

/** Python's repr(): how Python writes a value. */
export function repr(value: unknown): string {
  if (typeof value === "string") return quoted(value);
  if (value instanceof Uint8Array) return bytes(value);
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  if (typeof value === "boolean") return value ? "True" : "False";
  if (value === null || value === undefined) return "None";
  if (Array.isArray(value)) return `[${value.map(repr).join(", ")}]`;
  if (value instanceof Map) return dict([...value]);
  return Object.getPrototypeOf(value) === Object.prototype ? dict(Object.entries(value)) : inspect(value);
}

/** b'...': ASCII as it is, everything else by its number. */
function bytes(value: Uint8Array): string {
  const text = quoted(Buffer.from(value).toString("latin1")).replaceAll("\r", "\\r").replaceAll("\t", "\\t");
  const escape = (letter: string) => `\\x${letter.charCodeAt(0).toString(16).padStart(2, "0")}`;
  return `b${text.replace(/[^ -~]/g, escape)}`;
}

function dict(entries: [unknown, unknown][]): string {
  return `{${entries.map(([key, value]) => `${repr(key)}: ${repr(value)}`).join(", ")}}`;
}

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll(quote, `\\${quote}`);
  return `${quote}${escaped}${quote}`;
}
