/** What can be waited for: each kind of object as a descriptor, what it has buffered, and how its news arrives. */
import { Socket } from "node:net";
import { Connection, internalsOf } from "../connection.js";
import { invalidType, outOfRange } from "../errors.js";
import { checked } from "./checked.js";
import { closedError } from "./descriptor.js";
import { native } from "./native.js";
import { Watch } from "./readiness.js";
import { READABLE } from "./sys/constants.js";

/** An object with a descriptor that can be waited for. */
export interface Waitable {
  fileno(): number;
}

export interface WaitSource {
  readonly object: unknown;
  readonly fd: number;
  /** Whether it is ready whatever its descriptor says. */
  buffered(): boolean;
  /** Calls back when it may have become ready, until the returned function is called. */
  subscribe(onNews: () => void): () => void;
}

const DOING = "wait for objects";

export function sourceOf(object: unknown, blocking: boolean): WaitSource {
  if (object instanceof Connection) return connectionSource(object);
  if (object instanceof Socket) return socketSource(object, blocking);
  if (typeof object === "number") return descriptorSource(object, object);
  if (typeof (object as Waitable | null)?.fileno === "function")
    return descriptorSource(object, (object as Waitable).fileno());
  throw invalidType(DOING, "expected connections, descriptors, sockets of node:net or objects with fileno()", object);
}

function connectionSource(object: Connection): WaitSource {
  const { descriptor, receiver } = internalsOf(object);
  if (descriptor.closed) throw closedError(DOING);
  return {
    object,
    get fd() {
      if (descriptor.closed) throw closedError(DOING);
      return descriptor.fd;
    },
    buffered: () => receiver.reader.buffered,
    subscribe: (onNews) => descriptor.watch.on(READABLE, onNews),
  };
}

/**
 * Node reads such a socket by itself, on the event loop, once somebody listens to it. What counts is what it has read:
 * socket.read() gives nothing else. Only a thread that blocks must ask the kernel instead.
 */
function socketSource(object: Socket, blocking: boolean): WaitSource {
  const handle = (object as { _handle?: { fd?: number } | null })._handle;
  const fd = blocking ? (handle?.fd ?? -1) : -1;
  const events = ["readable", "end", "close", "error"];
  return {
    object,
    fd,
    buffered: () => object.readableLength > 0 || object.readableEnded || object.destroyed,
    subscribe(onNews) {
      for (const event of events) object.on(event, onNews);
      return () => {
        for (const event of events) object.off(event, onNews);
      };
    },
  };
}

function descriptorSource(object: unknown, fd: number): WaitSource {
  if (!Number.isInteger(fd) || fd < 0 || fd > 0x7fffffff)
    throw outOfRange(DOING, "a descriptor is a whole number from 0", fd);
  return { object, fd, buffered: () => false, subscribe: (onNews) => watchCopy(fd, onNews) };
}

/** Of a copy: libuv allows one watch for each number, and this one may have one. */
function watchCopy(fd: number, onNews: () => void): () => void {
  const flags = checked<number>(native.getFlags(fd), "fcntl", DOING);
  const copy = checked<number>(native.dup(fd), "fcntl", DOING);
  const watch = new Watch(copy);
  const end = (): void => {
    watch.close();
    native.close(copy);
  };
  try {
    const stop = watch.on(READABLE, onNews);
    // libuv has made the open file non-blocking, for everybody who has it; that is not ours to decide.
    native.setFlags(fd, flags);
    return () => {
      stop();
      end();
    };
  } catch (error) {
    end();
    throw error;
  }
}
