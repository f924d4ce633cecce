/** Random programs of greenlets, as data, and what those of several packages share. */
export { type Generated, tryAll } from "./generated.js";
export { errorsAreHeardOnce, jobs, kills, type PoolProgram, PoolUsers, partly, poolPrograms } from "./pool-users.js";
export { type How, how, limit, type NumberQueue, PATIENCE, QueueUsers } from "./queue-users.js";
