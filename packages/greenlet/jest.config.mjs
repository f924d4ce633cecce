import { onBothEngines } from "../../jest.preset.mjs";

export default onBothEngines(["/test/copies\\.test", "/test/engine-choice\\.test"]);
