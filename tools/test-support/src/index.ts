/** What the tests of several packages share. Not published. */
export { collect, untilCollected } from "./collect.js";
export { leftOpen } from "./dropping.js";
export { failureOf, thrownBy } from "./failures.js";
export { type Fixtures, fixturesIn, reportOf } from "./fixtures.js";
export { type HowByMethod, type Programs, programsIn } from "./methods.js";
export { newFiles } from "./open-files.js";
export { serveAsPeer } from "./peer-program.js";
export { allGone, endLeftOver, gone, mark } from "./processes.js";
export { type Ended, type How, type Running, run, start } from "./program.js";
export { seed, seeded } from "./seeded.js";
export { until } from "./until.js";
