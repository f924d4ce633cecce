/** Opens a connection to a server, up to the point where calls can be made. */
import { connect as connectPlain, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { decode, encode } from "@cordage/ipc/sys";
import { ConnectionLostError, ManagerError } from "../../errors.js";
import { HEADER } from "../frames.js";
import { keepAlive } from "../keep-alive.js";
import { type Channel, type Hello, VERSION, type Welcome } from "../protocol.js";
import { type CertainTarget, shownAddress, type Target } from "../target.js";
import { Wire } from "../wire.js";

/** Milliseconds to reach a server and prove oneself. */
export const CONNECT_TIMEOUT = 20_000;

export interface Opened {
  readonly wire: Wire;
  readonly welcome: Greeted;
}

/** What a server says of itself. */
export interface Greeted {
  readonly server: string;
  /** Whether it knew the session. */
  readonly resumed: boolean;
  /** Bytes that a message may have. */
  readonly largest: number;
}

function socketTo({ address, tls }: Target): Socket {
  if (address.family === "unix") return connectPlain({ path: address.path });
  const where = { host: address.host || "localhost", port: address.port };
  return tls ? connectTls({ ...tls, ...where }) : connectPlain(where);
}

function connected(socket: Socket, { tls }: Target): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once(tls ? "secureConnect" : "connect", resolve);
    socket.once("error", reject);
    socket.once("close", () => reject(new Error("the connection was closed")));
  });
}

export function helloOf(channel: Channel, session: string, number = 0): Buffer {
  return encode([VERSION, channel, session, number] satisfies Hello, undefined, { reserve: HEADER });
}

/** @throws {ManagerError} what the server refused the connection with */
export function greetedBy(bytes: Buffer): Greeted {
  const [version, second, resumed, largest] = decode(bytes, undefined, { shared: false }) as Welcome;
  if ((second as unknown) instanceof Error) throw second;
  if (version !== VERSION || typeof second !== "string" || typeof resumed !== "boolean" || typeof largest !== "number")
    throw new ManagerError("ERR_PROTOCOL", "cannot talk to the server: it does not speak this version's language");
  return { server: second, resumed, largest };
}

async function greet(wire: Wire, key: Uint8Array, hello: Buffer): Promise<Greeted> {
  await wire.prove("client", key);
  wire.trust(); // answers may follow the greeting at once
  wire.send(hello);
  wire.flush();
  return greetedBy(await wire.receive());
}

/**
 * @throws {ConnectionLostError} ERR_CANNOT_CONNECT; {AuthenticationError} ERR_AUTHENTICATION; {ManagerError} ERR_TOO_MANY_CONNECTIONS
 */
export async function open(
  target: CertainTarget,
  hello: Buffer,
  onSocket: (socket: Socket) => void = () => {},
): Promise<Opened> {
  const socket = socketTo(target);
  onSocket(socket);
  const late = () => socket.destroy(new Error(`it did not answer within ${CONNECT_TIMEOUT} ms`));
  const timer = setTimeout(late, CONNECT_TIMEOUT);
  try {
    await connected(socket, target);
    keepAlive(socket, target);
    const wire = new Wire(socket);
    return { wire, welcome: await greet(wire, target.key, hello) };
  } catch (error) {
    socket.destroy();
    throw cannotConnect(error, target);
  } finally {
    clearTimeout(timer);
  }
}

/** What tells why already stays as it is. */
export function cannotConnect(error: unknown, target: Target): unknown {
  const { code, syscall } = Object(error) as { code?: unknown; syscall?: unknown };
  if (error instanceof ManagerError || code === "ERR_AUTHENTICATION") return error;
  // The message of a system error would name the address again, as the kernel has it.
  const reason = syscall ? `${syscall} failed with ${code}` : error instanceof Error ? error.message : String(error);
  const message = `cannot connect to the manager at ${shownAddress(target.address)}: ${reason}`;
  return new ConnectionLostError(message, { cause: error }, "ERR_CANNOT_CONNECT");
}
