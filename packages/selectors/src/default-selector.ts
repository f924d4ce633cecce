/** The best selector of this system. */
import { EpollSelector } from "./epoll-selector.js";
import type { FileObject } from "./selector-key.js";

/** Another name of {@link EpollSelector}, as in Python. */
export const DefaultSelector = EpollSelector;
export type DefaultSelector<D = any, F extends FileObject = FileObject> = EpollSelector<D, F>;
