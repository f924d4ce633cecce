// One task of a group fails once the others wait.
import { Scheduler, sleep, taskGroup } from "@cordage/coroutine";
import { reportFailure } from "../measure.mjs";

function* wait(ended) {
  try {
    yield* sleep(1e6);
  } finally {
    ended();
  }
}

function* failSoon(fail) {
  yield;
  fail();
}

await reportFailure((others, ended, fail) =>
  new Scheduler().runUntilComplete(() =>
    taskGroup(function* (group) {
      for (let i = 0; i < others; i++) group.spawn(wait(ended));
      group.spawn(failSoon(fail));
    }),
  ),
);
