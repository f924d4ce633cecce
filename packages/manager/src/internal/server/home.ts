/** Makes objects of this process, which no server has asked for. */
import { invalidType } from "@cordage/ipc/sys";
import { type BaseProxy, referenceIn } from "../../proxy.js";
import { makeProxy } from "../kinds.js";
import { HomeReference } from "./home-reference.js";
import { LocalReference } from "./local-reference.js";
import type { Host, ServedType } from "./served-type.js";

const home: Host = {
  publish(typeid) {
    throw new Error(`a ${typeid} is published by servers only`);
  },
  objectOf(value) {
    const reference = referenceIn(value);
    if (reference instanceof HomeReference) return reference.object;
    return reference instanceof LocalReference ? reference.entry.object : undefined;
  },
  /** Nobody else asks for it. */
  allowed(fn) {
    if (typeof fn === "function") return fn;
    throw invalidType("make a shared object", "what it is to call must be a function", fn);
  },
};

/** Of a type whose objects are made at once. */
export function madeHere<P extends BaseProxy>(type: ServedType, args: unknown[]): P {
  return makeProxy(new HomeReference(type, type.make!(home, args))) as P;
}
