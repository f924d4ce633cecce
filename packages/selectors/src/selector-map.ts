/** A selector's registrations, looked at from outside. */
import { type InspectOptions, inspect } from "node:util";
import { descriptorOf } from "./internal/file-object.js";
import type { FileObject, SelectorKey } from "./selector-key.js";

/** What a map looks at. */
export interface Registrations<F extends FileObject, D> {
  readonly byDescriptor: ReadonlyMap<number, SelectorKey<F, D>>;
  find(fileobj: FileObject): SelectorKey<F, D> | undefined;
}

/**
 * A live view of what is registered: found by object or by descriptor, listed by descriptor. It cannot be changed; a closed
 * selector's is empty.
 *
 * Source: CPython's selectors, `get_map()`.
 */
export class SelectorMap<F extends FileObject, D> implements Iterable<[number, SelectorKey<F, D>]> {
  readonly #from: Registrations<F, D>;

  /** @internal */
  constructor(from: Registrations<F, D>) {
    this.#from = from;
  }

  get size(): number {
    return this.#from.byDescriptor.size;
  }

  /** The key of an object or descriptor; `undefined` where it is not registered. */
  get(fileobj: FileObject): SelectorKey<F, D> | undefined {
    return this.#from.find(fileobj);
  }

  has(fileobj: FileObject): boolean {
    return this.get(fileobj) !== undefined;
  }

  /** The descriptors, in the order in which they were registered. */
  keys(): IterableIterator<number> {
    return this.#from.byDescriptor.keys();
  }

  values(): IterableIterator<SelectorKey<F, D>> {
    return this.#from.byDescriptor.values();
  }

  entries(): IterableIterator<[number, SelectorKey<F, D>]> {
    return this.#from.byDescriptor.entries();
  }

  [Symbol.iterator](): IterableIterator<[number, SelectorKey<F, D>]> {
    return this.entries();
  }

  /** As a Map's content is shown. */
  [inspect.custom](depth: number, options: InspectOptions): string {
    return `SelectorMap ${inspect(new Map(this), { ...options, depth })}`;
  }
}

/** The key of what is registered under its descriptor, or is the registered object itself, closed by now. */
export function findKey<F extends FileObject, D>(
  byDescriptor: ReadonlyMap<number, SelectorKey<F, D>>,
  fileobj: FileObject,
): SelectorKey<F, D> | undefined {
  const fd = openDescriptorOf(fileobj);
  if (fd !== undefined) return byDescriptor.get(fd);
  for (const key of byDescriptor.values()) if ((key.fileobj as FileObject) === fileobj) return key;
  return undefined;
}

/** Closed objects say so in different ways: -1, or an error. */
function openDescriptorOf(fileobj: FileObject): number | undefined {
  try {
    return descriptorOf(fileobj, "look a descriptor up");
  } catch {
    return undefined;
  }
}
