// Sockets. Addresses are raw sockaddr bytes, written and read in TypeScript (src/internal/address.ts).
#include "support.h"

#include <sys/socket.h>
#include <string.h>

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
}
