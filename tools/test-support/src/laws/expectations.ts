/** What laws expect in many places. */
import { expect } from "@jest/globals";
import type { Made } from "./world.js";

/** An error with this code. */
export function code(code: string): ReturnType<typeof expect.objectContaining> {
  return expect.objectContaining({ code });
}

/** The error of a maker as a rejection, whether it throws or rejects. */
export async function made<T>(make: () => Made<T>): Promise<T> {
  return await make();
}
