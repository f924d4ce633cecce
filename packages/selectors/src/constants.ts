/** Linux's numbers for sockets, under the names that C and Python give them: socket(7), ip(7), tcp(7), udp(7). */

/** `shutdown`: nothing more is received. */
export const SHUT_RD = 0;
/** `shutdown`: nothing more is sent; the peer reads the end. */
export const SHUT_WR = 1;
/** `shutdown`: both. */
export const SHUT_RDWR = 2;

/** Sends or receives a byte out of band. */
export const MSG_OOB = 0x1;
/** Receives without taking. */
export const MSG_PEEK = 0x2;
/** `recvInto` and `recvFromInto` return the datagram's whole length, even if it was longer than the buffer. */
export const MSG_TRUNC = 0x20;
/** This one call does not wait. */
export const MSG_DONTWAIT = 0x40;
/** Waits until the buffer is full or the stream ends. */
export const MSG_WAITALL = 0x100;
/** More will follow at once. */
export const MSG_MORE = 0x8000;

export const SOL_SOCKET = 1;
export const SO_REUSEADDR = 2;
export const SO_TYPE = 3;
export const SO_ERROR = 4;
export const SO_BROADCAST = 6;
export const SO_SNDBUF = 7;
export const SO_RCVBUF = 8;
export const SO_KEEPALIVE = 9;
export const SO_LINGER = 13;
export const SO_REUSEPORT = 15;
export const SO_RCVLOWAT = 18;
export const SO_DOMAIN = 39;

export const IPPROTO_IP = 0;
export const IPPROTO_TCP = 6;
export const TCP_NODELAY = 1;
export const TCP_KEEPIDLE = 4;
export const TCP_KEEPINTVL = 5;
export const TCP_KEEPCNT = 6;
export const TCP_USER_TIMEOUT = 18;

export const IPPROTO_IPV6 = 41;
export const IPV6_V6ONLY = 26;
