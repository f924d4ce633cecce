/** Seams for this package's own tests; not in the published package. */
import "./index.js"; // so that all entries share one file, see scripts/bundle.mjs

export { raw } from "./internal/codec/raw-buffer.js";
export { native } from "./internal/native.js";
export { impersonate } from "./internal/owner.js";
export { QueueMemory } from "./internal/queue/memory.js";
export { createFileNamed } from "./internal/shm/file.js";
export { Spin } from "./internal/waiting.js";
export { exposedCollector } from "./internal/young-garbage.js";
