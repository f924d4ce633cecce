/** Who this process (or worker thread) is: the main program, or a child that one of its kind started. */
import { randomBytes } from "node:crypto";
import { setProcessName } from "@cordage/ipc/sys";

export type StartMethod = "spawn" | "forkserver" | "fork" | "thread";

export interface Parent {
  readonly pid: number;
  readonly name: string;
  /** Readable (end of file) once the parent has ended; -1 where the parent is this same process (thread). */
  readonly life: number;
}

export interface Self {
  name: string;
  daemon: boolean;
  authkey: Buffer;
  /** [1, 2] is the second child of the first child of the main program. */
  identity: number[];
  /** How many children it has started so far. */
  children: number;
  parent: Parent | undefined;
}

let authkey: Buffer | undefined;

export const self: Self = {
  name: "MainProcess",
  daemon: false,
  /** Made when it is first asked for: drawing random bytes loads node:crypto. */
  get authkey() {
    authkey ??= randomBytes(32);
    return authkey;
  },
  set authkey(key) {
    authkey = key;
  },
  identity: [],
  children: 0,
  parent: undefined,
};

/** Makes this process the child that `own` describes. */
export function becomeChild(own: Pick<Self, "name" | "daemon" | "authkey" | "identity" | "parent">): void {
  Object.assign(self, own, { children: 0 });
  setProcessName(own.name);
}
