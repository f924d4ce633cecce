/** The stream sockets that all laws hold for, and the patiences that each of them can have. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import {
  type Address,
  createConnection,
  createServer,
  EVENT_READ,
  PollSelector,
  type Socket,
  socketpair,
} from "@cordage/selectors";
import { newFiles } from "@cordage/test-support";
import { afterAll, afterEach, expect } from "@jest/globals";

const leftOpen = newFiles();
const folder = mkdtempSync(path.join(tmpdir(), "cordage-sockets-"));
const cleanups: Array<() => void> = [];
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup();
});
afterAll(() => {
  rmSync(folder, { recursive: true });
  expect(leftOpen()).toEqual([]);
});

/** Closed when the test has ended. */
export function owned<S extends { close(): void }>(socket: S): S {
  cleanups.push(() => socket.close());
  return socket;
}

let names = 0;
export const freshPath = (): string => path.join(folder, String(names++));
export const freshName = (): string => `\0cordage-sockets-${process.pid}-${names++}`;

/** Where a listener of each kind may be, every time another place. */
export const listening: Array<[kind: string, address: () => Address]> = [
  ["TCP over IPv4", () => ["127.0.0.1", 0]],
  ["TCP over IPv6", () => ["::1", 0]],
  ["a unix path", freshPath],
  ["an abstract unix name", freshName],
];

/** Two connected sockets: the one that connected, and the one that was accepted. */
export function connectedAt(address: Address): [Socket, Socket] {
  const server = createServer(address);
  const client = owned(createConnection(server.address()));
  const [peer] = server.accept();
  server.close();
  return [client, owned(peer)];
}

export const kinds: Array<[kind: string, connected: () => [Socket, Socket]]> = [
  ...listening.map(([kind, address]): [string, () => [Socket, Socket]] => [kind, () => connectedAt(address())]),
  ["a socketpair", () => socketpair().map(owned) as [Socket, Socket]],
];

/** Milliseconds, as `setTimeout` takes them. The second one never passes here. */
export const patiences: Array<[patience: string, timeout: number | null]> = [
  ["blocking", null],
  ["with a timeout", 50_000],
  ["non-blocking", 0],
];

/** For what takes a moment to arrive, be it bytes or a connection: even on one machine nothing promises that it is there at once. */
export function arrived(socket: Socket): Socket {
  using selector = new PollSelector();
  selector.register(socket, EVENT_READ);
  selector.select();
  return socket;
}

export const coded = (code: string): Error => expect.objectContaining({ code }) as unknown as Error;
