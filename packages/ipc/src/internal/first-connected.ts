/** Connections to hosts that have several addresses. */
import { TimeoutError } from "../errors.js";
import { type Address, type AddressFamily, numericHost, parseAddress, unfolded } from "./address.js";

export interface CreateConnectionOptions {
  /** Milliseconds for each address of the host; the socket keeps it as its timeout. Default: `null`, without end. */
  timeout?: number | null;
  /** The address to bind to first. */
  sourceAddress?: Address;
}

interface Connectable {
  setTimeout(milliseconds: number | null): void;
  bind(address: Address): void;
  connect(address: Address): void;
  close(): void;
}

/**
 * A socket that is connected to the first of a host's addresses, IPv4 and IPv6, that answers.
 * @param make a new socket
 * @param lookup all addresses of a host that has a name, in the order of the system's resolver
 * @throws the error of the last address that was tried; at once, what is no failure of an address: it interrupts whoever waits
 *
 * Blocks: as the socket's `connect` and `lookup` do.
 */
export function firstConnected<S extends Connectable>(
  address: Address,
  options: CreateConnectionOptions,
  doing: string,
  make: (family: AddressFamily) => S,
  lookup: (host: string) => string[],
): S {
  let failure: unknown;
  for (const [family, one] of candidates(address, doing, lookup)) {
    try {
      return connected(make(family), one, options);
    } catch (error) {
      if (!isOfAddress(error)) throw error;
      failure = error;
    }
  }
  throw failure;
}

function connected<S extends Connectable>(socket: S, address: Address, options: CreateConnectionOptions): S {
  try {
    socket.setTimeout(options.timeout ?? null);
    if (options.sourceAddress !== undefined) socket.bind(options.sourceAddress);
    socket.connect(address);
    return socket;
  } catch (error) {
    socket.close();
    throw error;
  }
}

/** Whether another address may do better: the system has refused, nobody answered in time, or it is of another family than `sourceAddress`. */
function isOfAddress(error: unknown): boolean {
  const { syscall, code } = error as { syscall?: string; code?: string };
  return error instanceof TimeoutError || syscall !== undefined || code === "ERR_OUT_OF_RANGE";
}

/** What is to be tried, in this order. */
function candidates(
  address: Address,
  doing: string,
  lookup: (host: string) => string[],
): Array<[AddressFamily, Address]> {
  const parsed = parseAddress(unfolded(address), undefined, doing);
  if (parsed.family === "unix") return [["unix", parsed.path]];
  const { host, port } = parsed;
  const numeric = host === "localhost" ? undefined : numericHost(host, undefined);
  const hosts = numeric === undefined ? lookup(host) : [numeric];
  return hosts.map((one) => [one.includes(":") ? "inet6" : "inet", [one, port]]);
}
