// Every test on both engines; those that choose the engine themselves, or need none, once. What is about the whole run stays outside of the projects.
import preset from "../../jest.preset.mjs";

const { reporters, testTimeout, ...each } = preset;
const on = (engine, ...others) => ({
  ...each,
  displayName: engine,
  globals: { engine },
  setupFiles: ["./test/support/engine.mjs"],
  testPathIgnorePatterns: [...each.testPathIgnorePatterns, ...others],
});
const onlyOnce = ["/test/copies\\.test", "/test/engine-choice\\.test", "/test/swap\\.test"];

export default { reporters, testTimeout, projects: [on("stack"), on("threads", ...onlyOnce)] };
