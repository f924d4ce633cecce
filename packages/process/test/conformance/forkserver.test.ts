/** The fork server itself. */
import { allGone } from "@cordage/test-support";
import { expect, test } from "@jest/globals";
import { reports, run, start } from "../support/program.js";

// 26 _TestProcess.test_forkserver_sigint
test("the server ignores SIGINT", async () => {
  expect(await reports("forkserver-kill.mjs", "forkserver", { args: ["SIGINT"] })).toEqual([
    ...["still here", 0, "still here", 0],
    ...["another server true", 0, "1 child process left"],
  ]);
});

// 27 _TestProcess.test_forkserver_sigkill
test("a child completes when its server is killed, and the next start has another server", async () => {
  expect(await reports("forkserver-kill.mjs", "forkserver", { args: ["SIGKILL"] })).toEqual([
    ...["still here", 255, "still here", 0],
    ...["another server false", 0, "1 child process left"],
  ]);
});

test("a server that is killed between two starts is replaced", async () => {
  expect(await reports("forkserver-kill.mjs", "forkserver", { args: ["later"] })).toEqual([
    ...["still here", 0, "still here", 0],
    ...["another server false", 0, "1 child process left"],
  ]);
});

// 28 _TestProcess.test_forkserver_auth_is_enabled, 29 test_forkserver_without_auth_fails
test("the server refuses whoever does not know its key", async () => {
  expect(await reports("forkserver-key.mjs", "forkserver")).toEqual([0, "AuthenticationError", 0]);
});

// 212 TestStartMethod.test_preload_resources, 208 test_context_check_module_types, 255 test_std_streams_flushed_after_preload, 260 MiscTestCase.test_preload_main
test("what is preloaded is imported once, prints once, and draws other random numbers in each child", async () => {
  const { code, stdout, stderr } = await run("preload.mjs", "forkserver");
  expect(code).toBe(0);
  expect(stderr).toMatch(/^cannot preload file:.*no-such-module\.mjs: /);
  expect(stderr.match(/cannot preload/g)).toHaveLength(1);
  const lines = stdout.trimEnd().split("\n");
  expect(lines.slice(0, 5)).toEqual([...Array(4).fill("ERR_INVALID_ARG_TYPE"), "preloading"]);
  const children = lines.slice(5);
  expect(children.filter((line) => line === "0")).toHaveLength(3);
  const drawn = children.flatMap((line) => /^imported before (\S+) (\S+)$/.exec(line)?.slice(1) ?? []);
  expect(new Set(drawn).size).toBe(6);
});

test("a spare that is killed is replaced", async () => {
  expect(await reports("spare.mjs", "forkserver", { args: ["killed"] })).toEqual([0, 0, true]);
});

test("a start whose child is killed before it has said its pid gets another child", async () => {
  expect(await reports("spare.mjs", "forkserver", { args: ["handed"] })).toEqual([0, 0, true]);
});

test("what a terminal sends to its programs is no business of a spare, nor of the child that it becomes", async () => {
  expect(await reports("spare.mjs", "forkserver", { args: ["signalled"] })).toEqual([0, 0, true]);
});

test("a server that has run out of descriptors refuses starts, and serves again when it has some", async () => {
  const refusals = Array(6).fill("SystemError EMFILE");
  expect(await reports("crowded-server.mjs", "forkserver")).toEqual([...refusals, true, true, "0 true"]);
});

test("no child has descriptors of those whose starts waited when it was forked", async () => {
  expect(await reports("crowd-descriptors.mjs", "forkserver")).toEqual([1]);
});

test("the server ends when the program that started it is killed", async () => {
  const { child, line, ended } = start("orphans.mjs", "forkserver");
  await line();
  child.kill("SIGKILL");
  await ended;
  await allGone();
});
