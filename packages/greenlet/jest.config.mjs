// Every test on both engines. What is about the whole run stays outside of the projects.
import preset from "../../jest.preset.mjs";

const { reporters, testTimeout, ...each } = preset;
const on = (engine) => ({
  ...each,
  displayName: engine,
  globals: { engine },
  setupFiles: ["./test/support/engine.mjs"],
});

export default { reporters, testTimeout, projects: [on("stack"), on("threads")] };
