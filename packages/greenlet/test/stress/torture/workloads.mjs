// What runs at the same time. Every round checks what it has got.
import { builtins } from "./builtins.mjs";
import { collections } from "./collections.mjs";
import { http } from "./http.mjs";
import { compression, files, hashes } from "./pool-work.mjs";
import { errors, graphs, recursion } from "./switching.mjs";
import { webAssembly } from "./web-assembly.mjs";
import { workers } from "./workers.mjs";

export const workloads = {
  graphs,
  errors,
  recursion,
  builtins,
  collections,
  webAssembly,
  http,
  files,
  hashes,
  compression,
  workers,
};
