/** Makes the descriptor of a socket, or looks at one that is given. */
import type { AddressFamily } from "@cordage/ipc";
import { checked, checkFamily, domainOf, integerOf, invalidType, native, O_NONBLOCK } from "@cordage/ipc/sys";
import { identify, type SocketKind, type SocketType, typeNumber } from "./socket-kind.js";

const MAKING = "make a socket";
const MOST_FD = 0x7fffffff;

export interface SocketOptions {
  /** Default: "inet". */
  family?: AddressFamily;
  /** Default: "stream". */
  type?: SocketType;
  /** A descriptor to take over, instead of making one; family and type are the descriptor's. */
  fileno?: number;
}

/** A descriptor of which everything is known. */
export class Opened {
  constructor(
    readonly fd: number,
    readonly family: AddressFamily,
    readonly type: SocketType,
    readonly nonblocking: boolean,
  ) {}
}

/** What a constructor's options ask for. */
export function openedFor(options: SocketOptions | Opened): Opened {
  if (typeof options !== "object" || options === null)
    throw invalidType(MAKING, 'options must be an object like { family: "inet", type: "stream" }', options);
  if (options instanceof Opened) return options;
  const { fileno } = options;
  if (fileno === undefined) {
    const { family, type } = kindOf(options);
    return new Opened(open({ family, type }), family, type, false);
  }
  const fd = integerOf(fileno, "fileno", MAKING, 0, MOST_FD);
  const { family, type } = identify(fd, MAKING);
  const flags = checked<number>(native.getFlags(fd), "fcntl", MAKING);
  return new Opened(fd, family, type, (flags & O_NONBLOCK) !== 0);
}

function kindOf({ family, type = "stream" }: SocketOptions): SocketKind {
  typeNumber(type, MAKING);
  return { family: checkFamily(family, MAKING) ?? "inet", type };
}

function open({ family, type }: SocketKind): number {
  return checked<number>(native.socket(domainOf(family), typeNumber(type, MAKING), 0), "socket", MAKING);
}
