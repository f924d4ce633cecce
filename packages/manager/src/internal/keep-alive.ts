/**
 * Finds out that a host far away is gone, which nobody says: the kernel asks an idle one, and gives up what is not confirmed.
 * Without the native edge the latter is the system's own, up to a quarter of an hour. The kernel does not tell a host that is
 * gone from one whose program reads nothing.
 *
 * Source: tcp(7), TCP_USER_TIMEOUT; https://docs.libuv.org (uv_tcp_keepalive: one second between ten probes).
 */
import type { Socket } from "node:net";
import { native } from "@cordage/ipc/sys";
import type { Target } from "./target.js";

const [IPPROTO_TCP, TCP_NODELAY, TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT, TCP_USER_TIMEOUT] = [6, 1, 4, 5, 6, 18];
const [SOL_SOCKET, SO_KEEPALIVE] = [1, 9];

function setOption(fd: number, level: number, name: number, value: number): void {
  native.setOption(fd, level, name, new Uint8Array(Int32Array.of(value).buffer));
}

/** Whole seconds of silence before the kernel asks. */
function idleSeconds(lostAfter: number): number {
  return Math.max(Math.floor(lostAfter / 3000), 1);
}

/** A socket of node:net. */
export function keepAlive(socket: Socket, { address, lostAfter }: Target): void {
  if (address.family === "unix") return;
  socket.setNoDelay(true);
  socket.setKeepAlive(true, idleSeconds(lostAfter) * 1000);
  const fd = (socket as unknown as { _handle?: { fd?: number } })._handle?.fd;
  if (typeof fd !== "number" || fd < 0) return;
  try {
    setOption(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, lostAfter);
  } catch {
    // Without the native edge.
  }
}

/** A descriptor of the native edge. */
export function keepDescriptorAlive(fd: number, { address, lostAfter }: Target): void {
  if (address.family === "unix") return;
  setOption(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
  setOption(fd, IPPROTO_TCP, TCP_NODELAY, 1);
  setOption(fd, IPPROTO_TCP, TCP_KEEPIDLE, idleSeconds(lostAfter));
  setOption(fd, IPPROTO_TCP, TCP_KEEPINTVL, 1);
  setOption(fd, IPPROTO_TCP, TCP_KEEPCNT, 10);
  setOption(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, lostAfter);
}
