import { constants } from "node:os";

export const { SIGINT, SIGKILL, SIGTERM } = constants.signals;
