import { onBothEngines } from "../../jest.preset.mjs";

export default onBothEngines();
