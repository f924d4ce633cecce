/**
 * Sockets that travel: to a new process, or through a connection over a unix socket or duplex pipe. Both sides have the open file then,
 * each closes its own descriptor of it. Source: CPython's multiprocessing.reduction.
 */
import { CodecError } from "@cordage/ipc";
import { native, registerShared } from "@cordage/ipc/sys";
import { closed } from "./errors.js";
import { Socket, shareOpenFile } from "./socket.js";

const SENDING = "send a socket";

/** Its family and type are the open file's. */
interface Packed {
  fd: number;
  timeout: number | null;
}

registerShared<Socket>({
  name: "selectors.Socket",
  // Of this package, for a process that is given a socket and has not imported it.
  module: new URL("./index.js", import.meta.url).href,
  cls: Socket,
  pack(socket, transfer): Packed {
    if (socket.closed) throw closed(SENDING, "socket");
    if (!transfer)
      throw new CodecError(
        "ERR_NOT_SERIALIZABLE",
        "a socket travels over a duplex pipe, a unix socket or to a new process only",
      );
    const fd = transfer.addDescriptor(socket.fileno());
    shareOpenFile(socket, SENDING);
    return { fd, timeout: socket.getTimeout() };
  },
  unpack(data, transfer): Socket {
    const { fd, timeout } = data as Packed;
    if (!transfer) throw new CodecError("ERR_BAD_MESSAGE", "a socket came without its descriptor");
    return adopted(transfer.takeDescriptor(fd), timeout);
  },
});

function adopted(fd: number, timeout: number | null): Socket {
  let socket: Socket | undefined;
  try {
    socket = new Socket({ fileno: fd });
    shareOpenFile(socket, "receive a socket");
    socket.setTimeout(timeout);
    return socket;
  } catch (error) {
    if (socket) socket.close();
    else native.close(fd);
    throw error;
  }
}
