/** What a child must know before it runs anything, as bytes. */
import { decode, encode } from "@cordage/ipc/sys";
import type { StartMethod } from "./self.js";

/** Who the child is. */
export interface Identity {
  name: string;
  daemon: boolean;
  authkey: Uint8Array;
  identity: number[];
  parent: { pid: number; name: string };
  method: StartMethod;
  /** The parent's command line from its script on, so that the child's modules see what the parent's do. */
  argv: string[];
  /** Undefined where that directory is gone: the child is where it was started then. */
  cwd: string | undefined;
}

export interface Preparation extends Identity {
  /** The parent's environment, for a child that does not inherit it (forkserver). */
  env: Record<string, string | undefined> | undefined;
  /** The encoded process object, see body.ts: its modules must be imported before it can be decoded. */
  body: Uint8Array;
}

export function packPreparation(preparation: Preparation): Uint8Array {
  return encode(preparation);
}

export function unpackPreparation(bytes: Uint8Array): Preparation {
  return decode(bytes) as Preparation;
}
