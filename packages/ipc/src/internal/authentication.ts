/**
 * Both sides prove that they know a key without sending it: CPython's (3.12 and later) exchange, with SHA-256 only.
 *
 *   listener                                         client
 *   #CHALLENGE#{sha256}<40 random bytes>   ->
 *                                          <-        {sha256}HMAC(key, "{sha256}" + random)
 *   #WELCOME# or #FAILURE#                 ->
 *   and the same again with the roles changed.
 *
 * INVARIANT: the listener answers nothing before the other side has proved itself, and no client answers a challenge of
 * a client of the same process, no listener one of a listener: otherwise a stranger could have the answer that he owes
 * made by another connection (reflection).
 */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Connection } from "../connection.js";
import { AuthenticationError, CordageError, invalidType } from "../errors.js";
import { bytesOf } from "./bytes.js";

const CHALLENGE = Buffer.from("#CHALLENGE#");
const WELCOME = Buffer.from("#WELCOME#");
const FAILURE = Buffer.from("#FAILURE#");
const DIGEST = Buffer.from("{sha256}");
const RANDOM_BYTES = 40;
/** No message of the exchange is longer; a stranger gets no more memory than this. */
export const LONGEST_PROOF = 256;

export type AuthKey = string | Uint8Array;

/** A key as bytes; a string's are its UTF-8. */
export function keyOf(key: unknown, doing: string): Uint8Array | undefined {
  if (key === undefined) return undefined;
  if (typeof key === "string") return Buffer.from(key);
  if (ArrayBuffer.isView(key)) return Uint8Array.from(bytesOf(key, doing));
  throw invalidType(doing, "authkey must be a string or bytes", Array.isArray(key) ? "an array" : typeof key);
}

/** A step of the exchange: bytes to send, or `undefined` to receive a message. */
type Exchange = Generator<Uint8Array | undefined, void, Buffer>;
type Role = "listener" | "client";
/** Who asked, and what. */
const outstanding = new Set<string>();

function answerTo(message: Buffer, key: Uint8Array): Buffer {
  return Buffer.concat([DIGEST, createHmac("sha256", key).update(message).digest()]);
}

/** @throws {AuthenticationError} when the other side's answer is wrong */
function* deliver(role: Role, key: Uint8Array): Exchange {
  const message = Buffer.concat([DIGEST, randomBytes(RANDOM_BYTES)]);
  const name = `${role} ${message.toString("hex")}`;
  outstanding.add(name);
  try {
    yield Buffer.concat([CHALLENGE, message]);
    const answer = yield undefined;
    const right = answerTo(message, key);
    if (answer.length !== right.length || !timingSafeEqual(answer, right)) {
      yield FAILURE;
      throw refused("the other side's digest is wrong");
    }
    yield WELCOME;
  } finally {
    outstanding.delete(name);
  }
}

function* answer(role: Role, key: Uint8Array): Exchange {
  const challenge = yield undefined;
  if (!challenge.subarray(0, CHALLENGE.length).equals(CHALLENGE)) throw refused("the other side sent no challenge");
  const message = challenge.subarray(CHALLENGE.length);
  if (!message.subarray(0, DIGEST.length).equals(DIGEST) || message.length < DIGEST.length + 20)
    throw refused("the other side's challenge is not one for SHA-256");
  if (outstanding.has(`${role} ${message.toString("hex")}`))
    throw refused("the other side sent our own challenge back");
  yield answerTo(message, key);
  const verdict = yield undefined;
  if (!verdict.equals(WELCOME)) throw refused("the other side rejected our digest");
}

function refused(reason: string, cause?: unknown): AuthenticationError {
  return new AuthenticationError(`cannot authenticate the connection: ${reason}`, { cause });
}

export function* exchange(role: Role, key: Uint8Array): Exchange {
  yield* role === "listener" ? deliver(role, key) : answer(role, key);
  yield* role === "listener" ? answer(role, key) : deliver(role, key);
}

/** What a stranger did wrong is an AuthenticationError, whatever it was. */
function translated(error: unknown): unknown {
  if (!(error instanceof CordageError) || error instanceof AuthenticationError || error.code === "ERR_CLOSED")
    return error;
  const reason =
    error.code === "ERR_TIMEOUT"
      ? "the other side did not finish in time"
      : "the other side broke off or sent nonsense";
  return refused(reason, error);
}

/**
 * Runs the exchange; closes the connection if it fails.
 * @param timeout milliseconds for all of it
 * @throws {AuthenticationError} ERR_AUTHENTICATION
 */
export async function authenticate(
  connection: Connection,
  role: Role,
  key: Uint8Array,
  timeout: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  const deadline = performance.now() + timeout;
  const steps = exchange(role, key);
  try {
    for (let step = steps.next(); !step.done; ) {
      if (step.value) await connection.sendBytes(step.value);
      const options = { timeout: Math.max(deadline - performance.now(), 1), signal };
      step = steps.next(step.value ? (undefined as never) : await connection.recvBytes(LONGEST_PROOF, options));
    }
  } catch (error) {
    connection.close();
    throw translated(error);
  } finally {
    steps.return();
  }
}

/** As {@link authenticate}, but blocks the thread. */
export function authenticateSync(connection: Connection, role: Role, key: Uint8Array, timeout: number): void {
  const deadline = performance.now() + timeout;
  const steps = exchange(role, key);
  try {
    for (let step = steps.next(); !step.done; ) {
      if (step.value) connection.sendBytesSync(step.value);
      const options = { timeout: Math.max(deadline - performance.now(), 1) };
      step = steps.next(step.value ? (undefined as never) : connection.recvBytesSync(LONGEST_PROOF, options));
    }
  } catch (error) {
    connection.close();
    throw translated(error);
  } finally {
    steps.return();
  }
}
