// Every test on both engines; those that choose the engine themselves, once. What is about the whole run stays outside of the projects.
import preset from "../../jest.preset.mjs";

const { reporters, testTimeout, ...each } = preset;
const on = (engine, ...others) => ({
  ...each,
  displayName: engine,
  globals: { engine },
  setupFiles: ["./test/support/engine.mjs"],
  testPathIgnorePatterns: [...each.testPathIgnorePatterns, ...others],
});
const chooseThemselves = ["/test/copies\\.test", "/test/engine-choice\\.test"];

export default { reporters, testTimeout, projects: [on("stack"), on("threads", ...chooseThemselves)] };
