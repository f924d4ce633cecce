/** Runs a program of test/fixtures in a process of its own. */
import { endLeftOver, fixturesIn } from "@cordage/test-support";
import { afterAll } from "@jest/globals";

afterAll(endLeftOver);

export const { fixturePath, run, start } = fixturesIn(new URL("../fixtures/", import.meta.url));
