/** The file that a unix socket is bound to. */
import { lstatSync, unlinkSync } from "node:fs";
import { resolve } from "node:path";
import type { SocketAddress } from "@cordage/selectors";

/** To be removed with its socket; none for other addresses, and abstract names. */
export function socketFileOf(address: SocketAddress): SocketFile | undefined {
  return typeof address === "string" && !/^(\0|$)/.test(address) ? new SocketFile(resolve(address)) : undefined;
}

class SocketFile {
  private readonly ino: number | undefined;

  constructor(private readonly path: string) {
    this.ino = inodeOf(path);
  }

  /** Unless it is another one by now: somebody else has bound a socket there. */
  remove(): void {
    if (this.ino !== undefined && inodeOf(this.path) === this.ino) unlinkSync(this.path);
  }
}

export type { SocketFile };

function inodeOf(path: string): number | undefined {
  return lstatSync(path, { throwIfNoEntry: false })?.ino;
}
