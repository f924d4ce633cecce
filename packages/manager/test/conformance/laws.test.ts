/** The same laws that ipc's objects obey, over proxies. */
import { barrierLaws, conditionLaws, eventLaws, lockLaws, queueLaws, semaphoreLaws } from "@cordage/test-support/laws";
import { worldOfManager } from "../support/world.js";

const world = worldOfManager();
lockLaws(world);
semaphoreLaws(world);
conditionLaws(world);
eventLaws(world);
barrierLaws(world);
queueLaws(world);
