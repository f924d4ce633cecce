// One jest configuration for every package: ES modules as they are, TypeScript through ts-jest.
// Tests import the package by its name, so they run against what was built, as a user would.
export default {
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
