/** What a Namespace of a manager holds, as plain data. */
import { type InspectOptions, inspect } from "node:util";
import { registerClass } from "@cordage/ipc";

/** A snapshot of a namespace. Prints its public names: `Namespace { name: 'Bob' }`. */
export class Namespace {
  [name: string]: unknown;

  constructor(entries: Iterable<[string, unknown]> = []) {
    for (const [name, value] of entries)
      Object.defineProperty(this, name, { value, enumerable: true, writable: true, configurable: true });
  }

  [inspect.custom](_depth: number, options: InspectOptions): string {
    const shown = Object.entries(this).filter(([name]) => !name.startsWith("_"));
    return `Namespace ${inspect(Object.fromEntries(shown), options)}`;
  }
}

registerClass(Namespace, { name: "manager.Namespace" });
