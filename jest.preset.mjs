// One jest configuration for every package: ES modules as they are, TypeScript through ts-jest.
// Tests import the package by its name, so they run against what was built, as a user would.
const preset = {
  testEnvironment: "node",
  extensionsToTreatAsEsm: [".ts"],
  moduleNameMapper: { "^(\\.{1,2}/(?:.*/)?src/.*|\\./[^/]*|\\.\\./[^/]*|\\.{1,2}/support/.*)\\.js$": "$1" },
  transform: { "^.+\\.ts$": ["ts-jest", { useESM: true, tsconfig: "test/tsconfig.json" }] },
  testMatch: ["**/test/**/*.test.ts"],
  testPathIgnorePatterns: ["/node_modules/", "/dist/"],
  // Generous: a busy machine takes long to start processes, and a test that hangs must say so all the same.
  testTimeout: 60_000,
  reporters: ["default"],
};
export default preset;

/**
 * Every test on both engines of greenlets, but those that choose the engine themselves: these once. What is about the whole run stays outside of
 * the projects.
 */
export function onBothEngines(chooseThemselves = []) {
  const { reporters, testTimeout, ...each } = preset;
  const on = (engine, ...others) => ({
    ...each,
    displayName: engine,
    globals: { engine },
    setupFiles: ["./test/support/engine.mjs"],
    testPathIgnorePatterns: [...each.testPathIgnorePatterns, ...others],
  });
  return { reporters, testTimeout, projects: [on("stack"), on("threads", ...chooseThemselves)] };
}
