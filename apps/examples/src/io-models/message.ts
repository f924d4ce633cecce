/** What the data server sends: messages of one length that say when they were sent. */

/** How many messages each connection gets; then the server closes it. */
export const MESSAGES = 3;
/** Bytes of one message: one segment of TCP, so that it arrives as a whole. */
export const MESSAGE_SIZE = 1024;
/** Milliseconds before each message. */
export const PAUSE = 40;

/** Nanoseconds of a clock that all processes of this machine share: CLOCK_MONOTONIC. */
export function now(): number {
  return Number(process.hrtime.bigint());
}

export function messageSentNow(): Buffer {
  const message = Buffer.alloc(MESSAGE_SIZE);
  message.writeDoubleLE(now());
  return message;
}

/**
 * When the message was sent, which is when its data was ready: what is sent to the same machine is in the receiver's kernel
 * before send(2) returns.
 */
export function sentAt(message: Buffer): number {
  return message.readDoubleLE();
}
