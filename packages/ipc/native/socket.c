// Sockets. Addresses are raw sockaddr bytes, written and read in TypeScript (src/internal/address.ts).
#include "support.h"

#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

// socket(domain, type, protocol): type may carry SOCK_NONBLOCK; SOCK_CLOEXEC is always added
static napi_value socket_(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  int domain = args_int(&a, 0), type = args_int(&a, 1), protocol = args_int(&a, 2);
  if (a.failed) return NULL;
  return outcome(env, socket(domain, type | SOCK_CLOEXEC, protocol));
}

// socketpair(ends, type)
static napi_value socketpair_(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  int32_t *ends = args_ints(&a, 0, 2, NULL);
  int type = args_int(&a, 1);
  if (a.failed) return NULL;
  return outcome(env, socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, ends));
}

static napi_value bind_(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  int fd = args_int(&a, 0);
  bytes_t address = args_bytes(&a, 1);
  if (a.failed) return NULL;
  return outcome(env, bind(fd, (struct sockaddr *)address.data, (socklen_t)address.length));
}

static napi_value connect_(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  int fd = args_int(&a, 0);
  bytes_t address = args_bytes(&a, 1);
  if (a.failed) return NULL;
  return outcome(env, connect(fd, (struct sockaddr *)address.data, (socklen_t)address.length));
}

static napi_value listen_(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  int fd = args_int(&a, 0), backlog = args_int(&a, 1);
  if (a.failed) return NULL;
  return outcome(env, listen(fd, backlog));
}

// Copies an address out: the bytes go to `out`, their number to length[0].
static void address_out(bytes_t out, int32_t *length, struct sockaddr_storage *from, socklen_t size) {
  size_t n = size < out.length ? size : out.length;
  if (n > sizeof *from) n = sizeof *from;
  memcpy(out.data, from, n);
  *length = (int32_t)n;
}

// accept(fd, addressOut, lengthOut, nonblocking) -> descriptor
static napi_value accept_(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  int fd = args_int(&a, 0);
  bytes_t out = args_bytes(&a, 1);
  int32_t *length = args_ints(&a, 2, 1, NULL);
  int nonblocking = args_int(&a, 3);
  if (a.failed) return NULL;
  struct sockaddr_storage from = {0};
  socklen_t size = sizeof from;
  int accepted;
  do accepted = accept4(fd, (struct sockaddr *)&from, &size, SOCK_CLOEXEC | (nonblocking ? SOCK_NONBLOCK : 0));
  while (accepted == -1 && errno == EINTR);
  if (accepted >= 0) address_out(out, length, &from, size);
  return outcome(env, accepted);
}

// socketName(fd, addressOut, lengthOut, peer)
static napi_value socket_name(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  int fd = args_int(&a, 0);
  bytes_t out = args_bytes(&a, 1);
  int32_t *length = args_ints(&a, 2, 1, NULL);
  int peer = args_int(&a, 3);
  if (a.failed) return NULL;
  struct sockaddr_storage name = {0};
  socklen_t size = sizeof name;
  int result = peer ? getpeername(fd, (struct sockaddr *)&name, &size) : getsockname(fd, (struct sockaddr *)&name, &size);
  if (result == 0) address_out(out, length, &name, size);
  return outcome(env, result);
}

// getOption(fd, level, name, out) -> bytes written to `out`; setOption(fd, level, name, value bytes)
static napi_value get_option(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  int fd = args_int(&a, 0), level = args_int(&a, 1), name = args_int(&a, 2);
  bytes_t out = args_bytes(&a, 3);
  if (a.failed) return NULL;
  socklen_t size = (socklen_t)out.length;
  return getsockopt(fd, level, name, out.data, &size) == -1 ? failure(env, errno) : number(env, size);
}

static napi_value set_option(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  int fd = args_int(&a, 0), level = args_int(&a, 1), name = args_int(&a, 2);
  bytes_t value = args_bytes(&a, 3);
  if (a.failed) return NULL;
  return outcome(env, setsockopt(fd, level, name, value.data, (socklen_t)value.length));
}

static napi_value shutdown_(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  int fd = args_int(&a, 0), how = args_int(&a, 1);
  if (a.failed) return NULL;
  return outcome(env, shutdown(fd, how));
}

// receive(fd, buffer, offset, length, flags) -> bytes; 0 is the end of a stream
static napi_value receive(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  int fd = args_int(&a, 0);
  bytes_t to = args_slice(&a, 1);
  int flags = args_int(&a, 4);
  if (a.failed) return NULL;
  ssize_t n;
  do n = recv(fd, to.data, to.length, flags);
  while (n == -1 && errno == EINTR);
  return outcome(env, n);
}

// receiveFrom(fd, buffer, offset, length, flags, addressOut, lengthOut) -> bytes
static napi_value receive_from(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  int fd = args_int(&a, 0);
  bytes_t to = args_slice(&a, 1);
  int flags = args_int(&a, 4);
  bytes_t out = args_bytes(&a, 5);
  int32_t *length = args_ints(&a, 6, 1, NULL);
  if (a.failed) return NULL;
  struct sockaddr_storage from = {0};
  socklen_t size;
  ssize_t n;
  do {
    size = sizeof from;
    n = recvfrom(fd, to.data, to.length, flags, (struct sockaddr *)&from, &size);
  } while (n == -1 && errno == EINTR);
  if (n >= 0) address_out(out, length, &from, size);
  return outcome(env, n);
}

// send(fd, buffer, offset, length, flags) -> bytes sent, perhaps fewer; EPIPE instead of SIGPIPE
static napi_value send_(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  int fd = args_int(&a, 0);
  bytes_t from = args_slice(&a, 1);
  int flags = args_int(&a, 4);
  if (a.failed) return NULL;
  ssize_t n;
  do n = send(fd, from.data, from.length, flags | MSG_NOSIGNAL);
  while (n == -1 && errno == EINTR);
  return outcome(env, n);
}

// sendTo(fd, buffer, offset, length, flags, address) -> bytes sent
static napi_value send_to(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  int fd = args_int(&a, 0);
  bytes_t from = args_slice(&a, 1);
  int flags = args_int(&a, 4);
  bytes_t address = args_bytes(&a, 5);
  if (a.failed) return NULL;
  ssize_t n;
  do n = sendto(fd, from.data, from.length, flags | MSG_NOSIGNAL, (struct sockaddr *)address.data, (socklen_t)address.length);
  while (n == -1 && errno == EINTR);
  return outcome(env, n);
}

// lookup(host, family, out, lengths) -> how many addresses; they go to `out`, one every sizeof(sockaddr_storage) bytes,
// their sizes to `lengths`. 0: nothing was found, and lengths[0] is getaddrinfo's EAI_* code.
static napi_value lookup(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  char *host = args_string(&a, 0);
  int family = args_int(&a, 1);
  bytes_t out = args_bytes(&a, 2);
  size_t room = 0;
  int32_t *lengths = args_ints(&a, 3, 1, &room);
  if (a.failed) {
    free(host);
    return NULL;
  }
  const size_t each = sizeof(struct sockaddr_storage);
  struct addrinfo hints = {.ai_family = family, .ai_socktype = SOCK_STREAM}, *found = NULL;  // one of each, not one for each type
  int error = getaddrinfo(host, NULL, &hints, &found);
  int reason = errno;
  free(host);
  if (error == EAI_SYSTEM) return failure(env, reason);
  lengths[0] = error;
  size_t count = 0;
  for (struct addrinfo *one = found; one && count < room && (count + 1) * each <= out.length; one = one->ai_next) {
    memcpy(out.data + count * each, one->ai_addr, one->ai_addrlen);
    lengths[count++] = (int32_t)one->ai_addrlen;
  }
  if (found) freeaddrinfo(found);
  return number(env, (double)count);
}

void socket_exports(napi_env env, napi_value exports) {
  export_function(env, exports, "socket", socket_);
  export_function(env, exports, "socketpair", socketpair_);
  export_function(env, exports, "bind", bind_);
  export_function(env, exports, "connect", connect_);
  export_function(env, exports, "listen", listen_);
  export_function(env, exports, "accept", accept_);
  export_function(env, exports, "socketName", socket_name);
  export_function(env, exports, "getOption", get_option);
  export_function(env, exports, "setOption", set_option);
  export_function(env, exports, "shutdown", shutdown_);
  export_function(env, exports, "receive", receive);
  export_function(env, exports, "receiveFrom", receive_from);
  export_function(env, exports, "send", send_);
  export_function(env, exports, "sendTo", send_to);
  export_function(env, exports, "lookup", lookup);
}
