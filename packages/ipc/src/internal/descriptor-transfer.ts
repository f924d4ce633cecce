/** The descriptors that travel with one message: collected by the sender, taken or closed by the receiver. */
import { IpcError } from "../errors.js";
import { closedError } from "./descriptor.js";
import { MOST_DESCRIPTORS } from "./framing.js";
import { native } from "./native.js";
import type { Transfer } from "./shared-type.js";

function refuseTaking(): never {
  throw new IpcError("ERR_BAD_MESSAGE", "cannot take a descriptor: none is taken while sending");
}

/** Collects for a stream that carries descriptors. */
export class OutgoingDescriptors implements Transfer {
  readonly descriptors: number[] = [];
  private readonly backs: (() => void)[] = [];

  /** @param most how many one message carries */
  constructor(private readonly most = MOST_DESCRIPTORS) {}

  addDescriptor(fd: number): number {
    if (fd >= 0 && this.descriptors.length < this.most) return this.descriptors.push(fd) - 1;
    if (fd < 0) throw closedError("send a descriptor");
    throw new IpcError("ERR_TOO_MANY_DESCRIPTORS", `cannot send a descriptor: one message carries ${this.most}`);
  }

  ifUnsent(back: () => void): void {
    this.backs.push(back);
  }

  /** The message is not sent after all. */
  unsent(): void {
    for (const back of this.backs.splice(0)) back();
  }

  takeDescriptor(): number {
    return refuseTaking();
  }
}

/** For streams that carry none. */
export const noDescriptors: Transfer = {
  addDescriptor() {
    throw new IpcError(
      "ERR_DESCRIPTOR_NOT_CARRIED",
      "cannot send a descriptor: only a duplex pipe or a unix socket carries one, neither TCP nor a one-way pipe",
    );
  },
  takeDescriptor: refuseTaking,
};

/** What came with a message. `closeRest` lets go of whatever nobody took. */
export class IncomingDescriptors implements Transfer {
  private readonly left: number[];
  constructor(descriptors: readonly number[]) {
    this.left = [...descriptors];
  }

  addDescriptor(): number {
    throw new IpcError("ERR_BAD_MESSAGE", "cannot send a descriptor: none is sent while receiving");
  }

  takeDescriptor(index: number): number {
    const fd = this.left[index] ?? -1;
    if (fd < 0)
      throw new IpcError(
        "ERR_BAD_MESSAGE",
        `cannot take a descriptor: none came with the message, received index ${index}`,
      );
    this.left[index] = -1;
    return fd;
  }

  closeRest(): void {
    for (const fd of this.left.splice(0)) if (fd >= 0) native.close(fd);
  }
}
