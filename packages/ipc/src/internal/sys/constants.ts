/** Linux's numbers for what the native edge is asked: socket(7), fcntl(2), poll(2), and uv_poll's events. */

export const AF_UNIX = 1;
export const AF_INET = 2;
export const AF_INET6 = 10;

export const SOCK_STREAM = 1;
export const SOCK_NONBLOCK = 0o4000;

export const SOL_SOCKET = 1;
export const SO_REUSEADDR = 2;
export const SO_ERROR = 4;
export const SO_SNDBUF = 7;
export const SO_PEERCRED = 17;
export const SO_DOMAIN = 39;

export const SHUT_RD = 0;

export const O_RDWR = 2;
export const O_NONBLOCK = 0o4000;
export const O_ASYNC = 0o20000;

export const F_GETFD = 1;
export const F_SETFD = 2;
export const F_GETFL = 3;
export const F_SETFL = 4;
export const F_SETOWN = 8;
export const F_GETOWN = 9;
export const F_SETSIG = 10;
export const F_GETSIG = 11;
export const F_SETPIPE_SZ = 1031;
export const F_GETPIPE_SZ = 1032;

export const POLLIN = 1;
export const POLLOUT = 4;
export const POLLNVAL = 32;

/** uv_poll's, where POLLOUT is another number. */
export const READABLE = 1;
export const WRITABLE = 2;
export const DISCONNECT = 4;
