import { endLeftOver } from "@cordage/test-support";
import { testExamples } from "@cordage/test-support/examples";
import { afterAll } from "@jest/globals";

afterAll(endLeftOver);
testExamples(new URL("../examples/", import.meta.url));
