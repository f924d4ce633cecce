/** One file for each start method; this is where they are told apart. */
import { launchFork } from "./fork.js";
import { launchForkserver } from "./forkserver.js";
import type { Launched, LaunchRequest } from "./launched.js";
import type { StartMethod } from "./self.js";
import { launchSpawn } from "./spawn.js";
import { launchThread } from "./thread.js";

const launchers: Partial<Record<StartMethod, (request: LaunchRequest) => Launched>> = {
  spawn: launchSpawn,
  forkserver: launchForkserver,
  fork: launchFork,
  thread: launchThread,
};

export function launch(method: StartMethod, request: LaunchRequest): Launched {
  return launchers[method]!(request);
}
