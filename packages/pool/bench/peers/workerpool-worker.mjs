import workerpool from "workerpool";
import * as tasks from "./tasks.mjs";

const moveBack = (buffer) => new workerpool.Transfer(buffer, [buffer.buffer]);

workerpool.worker({ ...tasks, moveBack });
