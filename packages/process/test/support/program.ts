/** Runs a program of test/fixtures as users run theirs: with node, once for each start method. */
import { getAllStartMethods } from "@cordage/process";
import { endLeftOver, programsIn } from "@cordage/test-support";
import { afterAll } from "@jest/globals";

afterAll(endLeftOver);

/** Every law holds for each of them. */
export const methods = getAllStartMethods();
/** Those whose children are processes of their own, with a pid, a signal disposition and descriptors. */
export const processMethods = methods.filter((method) => method !== "thread");
export const { path: fixturePath, start, run, reports } = programsIn(new URL("../fixtures/", import.meta.url));
