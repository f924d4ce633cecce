/** Imported by a fork server, and by each of its children ahead of their work, as a stand-in for a user's module. */
export { Lock } from "@cordage/ipc";

export function nothing(): void {}
