/** What can be waited for. Source: CPython's selectors. */

/** The object can be read: bytes, a connection to accept, or the end are there. */
export const EVENT_READ = 1;

/** The object can be written. */
export const EVENT_WRITE = 2;
