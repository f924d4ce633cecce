/** The selector of other systems: it says so. */
import { SelectorError } from "./errors.js";
import type { Selector } from "./selector.js";
import type { FileObject } from "./selector-key.js";

/**
 * Python's on macOS and the BSDs. There is no kqueue on Linux, the only system that this package has calls for.
 * @throws {SelectorError} ERR_UNSUPPORTED_PLATFORM, always, from the constructor
 */
export const KqueueSelector = function KqueueSelector(): never {
  const reason = "kqueue is of macOS and the BSDs, on Linux use DefaultSelector";
  throw new SelectorError(
    "ERR_UNSUPPORTED_PLATFORM",
    `cannot make a KqueueSelector: ${reason}, received ${process.platform}`,
  );
} as unknown as new <D = any, F extends FileObject = FileObject>() => Selector<D, F>;
export type KqueueSelector<D = any, F extends FileObject = FileObject> = Selector<D, F>;
