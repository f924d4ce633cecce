/**
 * Connections that had read ahead when they were registered: their descriptors do not show what they hold. Since then they read ahead
 * no more, so that each is one of these until it has given away what it held.
 */
import { Connection } from "@cordage/ipc";
import { holdsMessage } from "@cordage/ipc/sys";
import { EVENT_READ } from "../events.js";
import type { Ready } from "../selector.js";
import type { FileObject, SelectorKey } from "../selector-key.js";

export class ReadAhead<F extends FileObject, D> {
  private readonly descriptors = new Set<number>();

  constructor(private readonly byDescriptor: ReadonlyMap<number, SelectorKey<F, D>>) {}

  get empty(): boolean {
    return this.descriptors.size === 0;
  }

  registered({ fd, fileobj }: SelectorKey<FileObject, unknown>): void {
    if (holds(fileobj)) this.descriptors.add(fd);
    else this.descriptors.delete(fd);
  }

  /** Those that can be received from, whatever the system says. */
  ready(): SelectorKey<F, D>[] {
    const keys: SelectorKey<F, D>[] = [];
    for (const fd of this.descriptors) {
      const key = this.byDescriptor.get(fd);
      if (!key || !holds(key.fileobj)) this.descriptors.delete(fd);
      else if (key.events & EVENT_READ) keys.push(key);
    }
    return keys;
  }
}

function holds(fileobj: FileObject): boolean {
  return fileobj instanceof Connection && !fileobj.closed && holdsMessage(fileobj);
}

/** Adds keys that can be read to what the system has found. */
export function withReadable<F extends FileObject, D>(
  found: Ready<F, D>[],
  readable: SelectorKey<F, D>[],
): Ready<F, D>[] {
  const events = new Map(found);
  for (const key of readable) events.set(key, (events.get(key) ?? 0) | EVENT_READ);
  return [...events];
}
