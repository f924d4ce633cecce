/** The names of segments and the files that hold them (shm_overview(7)). */
import path from "node:path";
import { invalidType, outOfRange } from "../../errors.js";

const FOLDER = "/dev/shm";
const LONGEST_NAME = 255;

export function segmentPath(name: string): string {
  return path.join(FOLDER, name);
}

/** @throws {TypeError | RangeError} for anything but the plain name of a file */
export function checkName(name: unknown, doing: string): string {
  if (typeof name !== "string") throw invalidType(doing, "name must be a string", name);
  if (name === "" || name === "." || name === ".." || /[/\0]/.test(name))
    throw outOfRange(doing, "name must be a file name: not empty, no slash, no NUL", name);
  if (Buffer.byteLength(name) > LONGEST_NAME)
    throw outOfRange(doing, `name must have at most ${LONGEST_NAME} bytes`, name);
  return name;
}
