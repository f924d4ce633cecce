/** Seams for this package's own tests; not in the published package. */
import "./index.js"; // so that all entries share one file, see scripts/bundle.mjs

export { currentServer, useServer } from "./internal/forkserver.js";
