/** Which start method serves when nobody says. */
import { ProcessError } from "../errors.js";
import type { StartMethod } from "./self.js";

/** The first is the default, as in CPython from 3.14 on: the fastest that asks nothing of the program that starts. */
export const METHODS: readonly StartMethod[] = ["forkserver", "spawn", "fork", "thread"];

let chosen: StartMethod | undefined;

export function checkMethod(method: unknown): StartMethod {
  if (METHODS.includes(method as StartMethod)) return method as StartMethod;
  const known = METHODS.join(", ");
  throw new ProcessError(
    "ERR_START_METHOD",
    `cannot use the start method: it must be one of ${known}, received ${String(method)}`,
  );
}

export function defaultMethod(): StartMethod {
  return chosen ?? METHODS[0]!;
}

export function setDefaultMethod(method: StartMethod | undefined): void {
  chosen = method;
}

export function methodIsSet(): boolean {
  return chosen !== undefined;
}
