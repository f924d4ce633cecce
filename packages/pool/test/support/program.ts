/** Runs a program of test/fixtures as users run theirs: with node, once for each start method of its pools' workers. */
import { getAllStartMethods } from "@cordage/process";
import { endLeftOver, programsIn } from "@cordage/test-support";
import { afterAll } from "@jest/globals";

afterAll(endLeftOver);

export const methods = getAllStartMethods();
export const { start, run, reports } = programsIn(new URL("../fixtures/", import.meta.url));
