/**
 * The connection on which a thread blocks: directly, by the native edge of @cordage/ipc; where that is missing, or with
 * TLS, through a thread that has the connection and is waited for (relay.ts).
 */
import { type Connection, clientSync } from "@cordage/ipc";
import { HEADER } from "../frames.js";
import { keepDescriptorAlive } from "../keep-alive.js";
import { Channel } from "../protocol.js";
import type { CertainTarget } from "../target.js";
import { CONNECT_TIMEOUT, cannotConnect, type Greeted, greetedBy, helloOf } from "./open.js";
import { Relay } from "./relay.js";

export interface BlockingChannel {
  readonly greeted: Greeted;
  /** Sends a message that has HEADER bytes of room in front. */
  send(message: Buffer): void;
  /** Waits for the next message, whose bytes are the caller's. @throws when the connection has ended */
  receive(): Buffer;
  /** Closes it without a word to the other side: of a forked child, whose parent goes on with it. */
  close(): void;
}

class Direct implements BlockingChannel {
  constructor(
    private readonly connection: Connection,
    readonly greeted: Greeted,
  ) {}

  send(message: Buffer): void {
    this.connection.sendBytesSync(message, HEADER);
  }

  receive(): Buffer {
    return this.connection.recvBytesSync();
  }

  close(): void {
    this.connection.close();
  }
}

function addressOf({ address }: CertainTarget) {
  return address.family === "unix" ? address.path : ([address.host || "localhost", address.port] as const);
}

function openDirectly(target: CertainTarget, session: string): BlockingChannel {
  const deadline = performance.now() + CONNECT_TIMEOUT;
  const connection = clientSync(addressOf(target), { authkey: target.key, timeout: CONNECT_TIMEOUT });
  try {
    keepDescriptorAlive(connection.fileno(), target);
    connection.sendBytesSync(helloOf(Channel.BLOCKING, session), HEADER);
    const left = Math.max(deadline - performance.now(), 0);
    return new Direct(connection, greetedBy(connection.recvBytesSync(undefined, { timeout: left })));
  } catch (error) {
    connection.close();
    throw error;
  }
}

/** Set by tests: the way without the native edge. */
const relayed = process.env.CORDAGE_MANAGER_RELAY === "1";

/** Blocks: the thread. @throws as `open` */
export function openBlocking(target: CertainTarget, session: string): BlockingChannel {
  if (relayed || target.tls) return new Relay(target, session);
  try {
    return openDirectly(target, session);
  } catch (error) {
    const { code, cause } = Object(error) as { code?: unknown; cause?: unknown };
    if (code === "ERR_UNSUPPORTED_PLATFORM" || code === "ERR_NATIVE_MISSING") return new Relay(target, session);
    // An exchange of keys that broke off, or took too long, says nothing about keys.
    throw cannotConnect(code === "ERR_AUTHENTICATION" && cause ? cause : error, target);
  }
}
