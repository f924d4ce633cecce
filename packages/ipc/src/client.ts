/** The side that connects. */
import { Connection } from "./connection.js";
import { type Address, type AddressFamily, checkFamily, type ParsedAddress, parseAddress } from "./internal/address.js";
import { type AuthKey, authenticate, authenticateSync, keyOf } from "./internal/authentication.js";
import { blockingCalls } from "./internal/blocking-calls.js";
import type { Descriptor } from "./internal/descriptor.js";
import { type SyncWaitOptions, timeoutOf, type WaitOptions } from "./internal/options.js";
import { Pending, timedOut } from "./internal/pending.js";
import { pollDescriptor, pollTriples } from "./internal/readiness.js";
import { Connecting, type Resolved, resolve, resolveSync } from "./internal/stream-socket.js";
import { WRITABLE } from "./internal/sys/constants.js";

const DOING = "connect";
/** Milliseconds between tries while a unix listener's backlog is full. */
const RETRY = 2;
/** Milliseconds that the exchange of keys may take. */
export const HANDSHAKE_TIMEOUT = 20_000;

export interface SyncClientOptions extends SyncWaitOptions {
  /** Only needed to read "host:port" as TCP, or to choose IPv6 for "localhost". Default: what the address looks like. */
  family?: AddressFamily;
  /** Both sides must prove that they know it. A string stands for its UTF-8. */
  authkey?: AuthKey;
}
export interface ClientOptions extends SyncClientOptions, Pick<WaitOptions, "signal"> {}

interface Target {
  readonly address: ParsedAddress;
  readonly key: Uint8Array | undefined;
  readonly timeout: number;
}

function targetOf(address: Address, options: SyncClientOptions | undefined): Target {
  const timeout = timeoutOf(options, DOING);
  const family = checkFamily(options?.family, DOING);
  return { address: parseAddress(address, family, DOING), key: keyOf(options?.authkey, DOING), timeout };
}

/**
 * Connects to a {@link Listener}.
 * @param options `timeout` limits connecting and the exchange of keys together; the latter alone is limited to 20 s
 * @throws {AuthenticationError} ERR_AUTHENTICATION when either side does not know the key
 * @throws {SystemError} ECONNREFUSED, ENOENT, ... when nobody listens there
 * @throws {TimeoutError} ERR_TIMEOUT
 * @throws {RangeError} ERR_OUT_OF_RANGE, @throws {TypeError} ERR_INVALID_ARG_TYPE for a bad address
 *
 * @example
 * using connection = await Client(["127.0.0.1", 6000], { authkey: "secret" });
 *
 * Blocks: the caller only. Source: CPython multiprocessing.connection.Client.
 */
export async function Client(address: Address, options?: ClientOptions): Promise<Connection> {
  const target = targetOf(address, options);
  const deadline = performance.now() + target.timeout;
  options?.signal?.throwIfAborted();
  const descriptor = await connect(await resolve(target.address), deadline, options?.signal);
  const connection = new Connection(descriptor);
  if (target.key) await authenticate(connection, "client", target.key, handshakeLimit(deadline), options?.signal);
  return connection;
}

/**
 * As {@link Client}, but blocks the thread. A host must be numeric or "localhost".
 *
 * Blocks: the thread.
 */
export function clientSync(address: Address, options?: SyncClientOptions): Connection {
  return calls.clientSync(address, options);
}

const calls = { Client, clientSync: connectBlocking };
blockingCalls("", calls, { clientSync: ["Client", 1] });

function connectBlocking(address: Address, options: SyncClientOptions | undefined): Connection {
  const target = targetOf(address, options);
  const deadline = performance.now() + target.timeout;
  const connection = new Connection(connectSync(resolveSync(target.address, DOING), deadline));
  if (target.key) authenticateSync(connection, "client", target.key, handshakeLimit(deadline));
  return connection;
}

function handshakeLimit(deadline: number): number {
  return Math.min(HANDSHAKE_TIMEOUT, deadline - performance.now());
}

function connectSync(address: Resolved, deadline: number): Descriptor {
  const connecting = new Connecting(address, DOING);
  for (;;) {
    const state = connecting.attempt();
    if (state === true) return connecting.descriptor;
    const left = deadline - performance.now();
    if (state === "retry") pollTriples(new Int32Array(0), Math.min(left, RETRY));
    if (left <= 0 || (state === "later" && !pollDescriptor(connecting.descriptor.fd, WRITABLE, left))) {
      connecting.descriptor.close();
      throw timedOut(DOING);
    }
  }
}

function connect(address: Resolved, deadline: number, signal: AbortSignal | undefined): Promise<Descriptor> {
  return new Promise((resolve, reject) => {
    new Attempts(address, deadline, signal, resolve, reject).next();
  });
}

/** The tries of one promise-form connect. */
class Attempts {
  private readonly connecting: Connecting;
  private readonly pending: Pending<Descriptor>;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    address: Resolved,
    deadline: number,
    signal: AbortSignal | undefined,
    resolve: (descriptor: Descriptor) => void,
    reject: (reason: unknown) => void,
  ) {
    this.connecting = new Connecting(address, DOING);
    this.pending = new Pending(resolve, reject, signal, deadline - performance.now(), DOING, () => this.stop());
  }

  private stop(): boolean {
    clearTimeout(this.timer);
    if (this.connecting.descriptor.closed) return false;
    this.connecting.descriptor.close();
    return true;
  }

  readonly next = (): void => {
    if (this.connecting.descriptor.closed) return;
    try {
      const state = this.connecting.attempt();
      if (state === true) this.pending.settle(this.connecting.descriptor);
      else if (state === "later") this.waitUntilWritable();
      else this.timer = setTimeout(this.next, RETRY);
    } catch (error) {
      this.pending.fail(error);
    }
  };

  private waitUntilWritable(): void {
    const stop = this.connecting.descriptor.watch.on(WRITABLE, () => {
      stop();
      this.next();
    });
  }
}
