/** Namespace of a manager: named values. */
import { invalidType } from "@cordage/ipc/sys";
import { Namespace } from "../../namespace.js";
import type { Caller } from "../server/caller.js";
import type { Host } from "../server/served-type.js";
import { builtIn, type Referent } from "./built-in.js";

function nameOf(name: unknown, doing: string): string {
  if (typeof name === "string" && name !== "") return name;
  throw invalidType(doing, "a name must be a non-empty string", name);
}

export class NamespaceReferent implements Referent {
  private readonly data = new Map<string, unknown>();

  constructor(host: Host, source: unknown = {}) {
    if (typeof source !== "object" || source === null || host.objectOf(source))
      throw invalidType("create a namespace", "it needs an object", source);
    for (const [name, value] of Object.entries(source)) this.data.set(name, value);
  }

  get(_caller: Caller, name: unknown): unknown {
    return this.data.get(nameOf(name, "get from the namespace"));
  }

  set(_caller: Caller, name: unknown, value: unknown): void {
    this.data.set(nameOf(name, "set in the namespace"), value);
  }

  has(_caller: Caller, name: unknown): boolean {
    return this.data.has(nameOf(name, "look into the namespace"));
  }

  delete(_caller: Caller, name: unknown): boolean {
    return this.data.delete(nameOf(name, "delete from the namespace"));
  }

  keys(_caller?: Caller): string[] {
    return [...this.data.keys()];
  }

  value(): unknown {
    return new Namespace(this.data);
  }
}

export const namespace = builtIn<NamespaceReferent>({
  typeid: "Namespace",
  exposed: ["get", "set", "has", "delete", "keys"],
  make: (host, [source]) => new NamespaceReferent(host, source),
});
