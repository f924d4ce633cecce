/**
 * Every error that Cordage throws by itself. `code` is stable and is what programs should test; the classes
 * carry Python's names where Python has one.
 */
import { inspect } from "node:util";

/** The common base of every package's error class. */
export class CordageError extends Error {
  /** Stable across versions: test this, not the message. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options?.cause === undefined ? undefined : options); // a cause of undefined would be printed
    this.code = code;
  }
}

/** Gives a class its name on the prototype: it stays out of own properties and survives minifiers. */
export function named(cls: Function, name: string): void {
  Object.defineProperty(cls.prototype, "name", { value: name, writable: true, configurable: true });
}

named(CordageError, "CordageError");

/** The base of the errors of `@cordage/ipc`. */
export class IpcError extends CordageError {}
named(IpcError, "IpcError");

/** A call that must return a value did not get one within its `timeout`. */
export class TimeoutError extends IpcError {
  constructor(message: string, options?: ErrorOptions, code = "ERR_TIMEOUT") {
    super(code, message, options);
  }
}
named(TimeoutError, "TimeoutError");

/** A lock, semaphore, condition or barrier was used against its rules. */
export class LockError extends IpcError {}
named(LockError, "LockError");

/**
 * The process or thread that held a lock ended without releasing it. Exactly one waiter gets this error; it does
 * not hold the lock afterwards, and the lock works again. What the lock protects may be half changed.
 */
export class OwnerDiedError extends IpcError {
  constructor(message: string, options?: ErrorOptions) {
    super("ERR_OWNER_DIED", message, options);
  }
}
named(OwnerDiedError, "OwnerDiedError");

/** The barrier was reset, aborted, or timed out while, or before, this party waited. */
export class BrokenBarrierError extends IpcError {
  constructor(message: string, options?: ErrorOptions) {
    super("ERR_BROKEN_BARRIER", message, options);
  }
}
named(BrokenBarrierError, "BrokenBarrierError");

/** Nothing to get, now or within the timeout. A TimeoutError too, as from every call that must return a value. */
export class QueueEmpty extends TimeoutError {
  constructor(message = "cannot get from the queue: it is empty", options?: ErrorOptions) {
    super(message, options, "ERR_QUEUE_EMPTY");
  }
}
named(QueueEmpty, "QueueEmpty");

/** No free slot, now or within the timeout. */
export class QueueFull extends TimeoutError {
  constructor(message = "cannot put on the queue: it is full", options?: ErrorOptions) {
    super(message, options, "ERR_QUEUE_FULL");
  }
}
named(QueueFull, "QueueFull");

/** The queue was shut down: nothing more can be put, and what was put has been taken. */
export class QueueShutDown extends IpcError {
  constructor(message: string, options?: ErrorOptions) {
    super("ERR_QUEUE_SHUT_DOWN", message, options);
  }
}
named(QueueShutDown, "QueueShutDown");

/** The other end is closed, and everything it sent has been received. */
export class EOFError extends IpcError {
  constructor(message: string, options?: ErrorOptions) {
    super("ERR_EOF", message, options);
  }
}
named(EOFError, "EOFError");

/** The message is longer than the buffer; `message` of the error says so, `data` is the whole message. */
export class BufferTooShort extends IpcError {
  readonly data: Buffer;
  constructor(message: string, data: Buffer) {
    super("ERR_BUFFER_TOO_SHORT", message);
    this.data = data;
  }
}
named(BufferTooShort, "BufferTooShort");

/** The peer did not prove that it knows the key. */
export class AuthenticationError extends IpcError {
  constructor(message: string, options?: ErrorOptions) {
    super("ERR_AUTHENTICATION", message, options);
  }
}
named(AuthenticationError, "AuthenticationError");

/** A value that cannot travel, or bytes that do not hold one. `path` leads to the bad value: `$.rows[3].onClick`. */
export class CodecError extends IpcError {
  readonly path: string | undefined;
  constructor(
    code: "ERR_NOT_SERIALIZABLE" | "ERR_BAD_MESSAGE",
    message: string,
    path?: string,
    options?: ErrorOptions,
  ) {
    super(code, message, options);
    this.path = path;
  }
}
named(CodecError, "CodecError");

/** A failed system call: `code` is its name ("EAGAIN"), `errno` its negated number as everywhere in Node. */
export class SystemError extends IpcError {
  readonly errno: number;
  readonly syscall: string;
  constructor(code: string, errno: number, syscall: string, message: string) {
    super(code, message);
    this.errno = errno;
    this.syscall = syscall;
  }
}
named(SystemError, "SystemError");

const LONGEST_SHOWN = 120;

/** Briefly: an object of many parts, such as a socket of node:net, is only named. */
function shown(value: unknown): string {
  const format = { maxStringLength: 60, maxArrayLength: 3, breakLength: Number.POSITIVE_INFINITY };
  try {
    const text = inspect(value, { ...format, depth: 0 });
    return text.length <= LONGEST_SHOWN ? text : inspect(value, { ...format, depth: -1 });
  } catch {
    return Object.prototype.toString.call(value); // a view of memory that has gone, or an object that throws when it is looked at
  }
}

/** A TypeError with `code` ERR_INVALID_ARG_TYPE: "cannot acquire the lock: timeout must be a number, received 'x'". */
export function invalidType(doing: string, reason: string, received: unknown): TypeError {
  const error = new TypeError(`cannot ${doing}: ${reason}, received ${shown(received)}`);
  return Object.assign(error, { code: "ERR_INVALID_ARG_TYPE" });
}

/** A RangeError with `code` ERR_OUT_OF_RANGE. */
export function outOfRange(doing: string, reason: string, received: unknown): RangeError {
  const error = new RangeError(`cannot ${doing}: ${reason}, received ${shown(received)}`);
  return Object.assign(error, { code: "ERR_OUT_OF_RANGE" });
}
