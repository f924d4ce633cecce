/** What every queue promises, over a ring that few items fit into as well as over one that takes most. */
import { JoinableQueue, Queue, SimpleQueue } from "@cordage/ipc";
import { queueLaws } from "@cordage/test-support/laws";
import { describe } from "@jest/globals";
import { world } from "../support/world.js";

describe.each([64, 256, 262_144])("over a ring of %p bytes", (ringBytes) => {
  const options = { ringBytes };
  queueLaws({
    ...world,
    Queue: (maxsize) => new Queue(maxsize, options),
    JoinableQueue: (maxsize) => new JoinableQueue(maxsize, options),
    SimpleQueue: () => new SimpleQueue(options),
  });
});
