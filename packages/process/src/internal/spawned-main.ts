/** The main module of a child that was started by `spawn`. */
import "../index.js"; // so that all entries share one file, see scripts/bundle.mjs

import { native } from "@cordage/ipc/sys";
import { runChild } from "./child.js";
import { readAll } from "./data-descriptor.js";
import { DATA, FIRST_PASSED, LIFE } from "./spawn.js";

/** The same descriptor under a number that a program run by this one does not inherit. */
function own(fd: number): number {
  const moved = native.dup(fd);
  native.close(fd);
  return moved;
}

const life = own(LIFE);
const data = readAll(DATA);
void runChild(data, life, (index) => own(FIRST_PASSED + index));
