/** What a manager is told, checked. */

import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Address, AddressFamily, AuthKey } from "@cordage/ipc";
import {
  checkFamily,
  freshAddress,
  integerOf,
  invalidType,
  keyOf,
  outOfRange,
  type ParsedAddress,
  parseAddress,
} from "@cordage/ipc/sys";
import { type Limits, limitsOf } from "./limits.js";
import { checkTls, type ManagerTls } from "./target.js";

export interface ManagerOptions extends Partial<Limits> {
  /** Where the server listens, or is: a path, an abstract name, [host, port] or { host, port }. Default: a name made up. */
  address?: Address | undefined;
  /** Only needed to read "host:port" as TCP. */
  family?: AddressFamily | undefined;
  /** Both sides must prove that they know it. Default: this process's own, which its children have too. */
  authkey?: AuthKey | undefined;
  /** As of node:tls, for a host and port: `key` and `cert` of a server, `ca` of a client. Default: none. */
  tls?: ManagerTls | undefined;
  /**
   * Over TCP: milliseconds without an answer after which the other host counts as gone, 1000 to 2^31-1. Default: 30000.
   */
  lostAfter?: number | undefined;
  /** How many connections may wait to be accepted, 1 to 65535. Default: 511. */
  backlog?: number | undefined;
  /** Functions that clients may have called: by a Pool's workers, or as the action of a Barrier. */
  functions?: readonly Function[] | undefined;
  /** How values travel. There is one way, "codec": see README. */
  serializer?: "codec" | undefined;
  /** Milliseconds that the server may take to end before it is killed. Default: 1000. */
  shutdownTimeout?: number | undefined;
}

export interface CheckedOptions {
  address: ParsedAddress | undefined;
  family: AddressFamily | undefined;
  authkey: Uint8Array | undefined;
  tls: ManagerTls | undefined;
  lostAfter: number;
  backlog: number;
  functions: readonly Function[];
  shutdownTimeout: number;
  limits: Limits;
}

const MAKING = "make a manager";

export function checkOptions(options: ManagerOptions = {}): CheckedOptions {
  if (typeof options !== "object" || options === null) throw invalidType(MAKING, "options must be an object", options);
  const family = checkFamily(options.family, MAKING);
  const address = options.address === undefined ? undefined : filled(parseAddress(options.address, family, MAKING));
  checkSerializer(options.serializer);
  const functions = options.functions ?? [];
  if (!Array.isArray(functions) || functions.some((fn) => typeof fn !== "function"))
    throw invalidType(MAKING, "functions must be an array of functions", functions);
  return {
    address,
    family,
    functions,
    authkey: keyOf(options.authkey, MAKING),
    tls: checkTls(options.tls, address ?? newAddress(family), MAKING),
    lostAfter: integerOf(options.lostAfter ?? 30_000, "lostAfter", MAKING, 1000, 2 ** 31 - 1),
    backlog: integerOf(options.backlog ?? 511, "backlog", MAKING, 1, 65535),
    shutdownTimeout: integerOf(options.shutdownTimeout ?? 1000, "shutdownTimeout", MAKING, 0, 2 ** 31 - 1),
    limits: limitsOf(options, MAKING),
  };
}

function checkSerializer(serializer: unknown): void {
  if (serializer === undefined || serializer === "codec") return;
  if (typeof serializer !== "string") throw invalidType(MAKING, "serializer must be a name", serializer);
  throw outOfRange(MAKING, 'serializer must be "codec", because there is no other', serializer);
}

/** Where a server listens that was not told. Abstract names, which leave no file, are Linux's. */
export function newAddress(family: AddressFamily | undefined): ParsedAddress {
  if (family === "inet" || family === "inet6" || process.platform === "win32")
    return parseAddress(freshAddress(family ?? "inet"), family, MAKING);
  if (process.platform === "linux") return filled(parseAddress(freshAddress("unix"), "unix", MAKING));
  return { family: "unix", path: path.join(tmpdir(), `cordage-${process.pid}-${randomBytes(6).toString("hex")}`) };
}

/** Bytes of a unix address, see unix(7). */
const LONGEST_NAME = 108;

/** An abstract name as long as one can be: a shorter one is another name to one version of Node than to the next. */
function filled(address: ParsedAddress): ParsedAddress {
  if (address.family !== "unix" || address.path[0] !== "\0") return address;
  const missing = Math.max(LONGEST_NAME - Buffer.byteLength(address.path), 0);
  return { family: "unix", path: address.path + ".".repeat(missing) };
}
