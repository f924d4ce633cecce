/** Between our events and the system's, which are the same numbers for poll(2) and epoll(7). */
import { EVENT_READ, EVENT_WRITE } from "../events.js";
import type { FileObject, SelectorKey } from "../selector-key.js";

export type AnyKey = SelectorKey<FileObject, unknown>;

const POLLIN = 1;
const POLLOUT = 4;

export function maskOf(events: number): number {
  return (events & EVENT_READ ? POLLIN : 0) | (events & EVENT_WRITE ? POLLOUT : 0);
}

/** Whatever is not a wish for the other direction counts: errors and ends make both ready. */
export function eventsOf(found: number): number {
  return (found & ~POLLOUT ? EVENT_READ : 0) | (found & ~POLLIN ? EVENT_WRITE : 0);
}
