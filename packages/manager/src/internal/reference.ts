/** What a proxy refers to, and how its calls get there. */
import type { Transfer } from "@cordage/ipc/sys";

export interface Shown {
  readonly ident: number;
  readonly typeid: string;
  /** Which class of proxies shows it. */
  readonly kind: string;
  /** Its methods, where the class does not say. */
  readonly exposed: readonly string[];
}

export interface Reference extends Shown {
  /** The server that it lives in. */
  readonly server: string;
  call(method: string, args: unknown[], signal?: AbortSignal): Promise<unknown>;
  callSync(method: string, args: unknown[]): unknown;
  /** What it is called in a message: see token.ts. */
  pack(transfer: Transfer | undefined, trusted: boolean): unknown;
}
