// Descriptors: pipe2(2), read(2), writev(2), fcntl(2), SCM_RIGHTS. Everything made here is close-on-exec.
#include "support.h"

#include <fcntl.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#define MAX_PASSED 253  // SCM_MAX_FD

// pipe(ends, nonblocking): ends[0] reads, ends[1] writes
static napi_value pipe_(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  int32_t *ends = args_ints(&a, 0, 2, NULL);
  int nonblocking = args_int(&a, 1);
  if (a.failed) return NULL;
  return outcome(env, pipe2(ends, O_CLOEXEC | (nonblocking ? O_NONBLOCK : 0)));
}

// read(fd, buffer, offset, length) -> bytes; 0 is end of file
static napi_value read_(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  int fd = args_int(&a, 0);
  bytes_t to = args_slice(&a, 1);
  if (a.failed) return NULL;
  ssize_t n;
  do n = read(fd, to.data, to.length);
  while (n == -1 && errno == EINTR);
  return outcome(env, n);
}

// write(fd, buffer, offset, length) -> bytes written, perhaps fewer
static napi_value write_(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  int fd = args_int(&a, 0);
  bytes_t from = args_slice(&a, 1);
  if (a.failed) return NULL;
  ssize_t n;
  do n = write(fd, from.data, from.length);
  while (n == -1 && errno == EINTR);
  return outcome(env, n);
}

// write2(fd, header, offset, length, body, offset, length): both in one system call, neither copied
static napi_value write2(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  int fd = args_int(&a, 0);
  bytes_t head = args_slice(&a, 1), body = args_slice(&a, 4);
  if (a.failed) return NULL;
  struct iovec parts[2] = {{head.data, head.length}, {body.data, body.length}};
  ssize_t n;
  do n = writev(fd, parts, 2);
  while (n == -1 && errno == EINTR);
  return outcome(env, n);
}

static napi_value close_(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  int fd = args_int(&a, 0);
  if (a.failed) return NULL;
  not_closed_at_end(env, fd);
  return outcome(env, close(fd));
}

// dup(fd) -> a new descriptor of the same open file, 3 or higher
static napi_value dup_(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  int fd = args_int(&a, 0);
  if (a.failed) return NULL;
  return outcome(env, fcntl(fd, F_DUPFD_CLOEXEC, 3));
}

// dup2(from, to): `to` becomes the same open file, inherited by a program that this process runs
static napi_value dup2_(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  int from = args_int(&a, 0), to = args_int(&a, 1);
  if (a.failed) return NULL;
  int result;
  do result = dup2(from, to);
  while (result == -1 && errno == EINTR);
  return outcome(env, result);
}

// getFlags(fd) -> O_* status flags; setFlags(fd, flags)
static napi_value get_flags(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  int fd = args_int(&a, 0);
  if (a.failed) return NULL;
  return outcome(env, fcntl(fd, F_GETFL));
}

static napi_value set_flags(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  int fd = args_int(&a, 0), flags = args_int(&a, 1);
  if (a.failed) return NULL;
  return outcome(env, fcntl(fd, F_SETFL, flags));
}

// Those whose argument is a number: any other would be taken for an address.
static bool takes_number(int command) {
  switch (command) {
    case F_GETFD: case F_SETFD: case F_GETFL: case F_SETFL: case F_GETOWN: case F_SETOWN:
    case F_GETSIG: case F_SETSIG: case F_GETPIPE_SZ: case F_SETPIPE_SZ:
      return true;
    default:
      return false;
  }
}

// fcntl(fd, command, argument)
static napi_value fcntl_(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  int fd = args_int(&a, 0), command = args_int(&a, 1), argument = args_int(&a, 2);
  if (a.failed) return NULL;
  if (!takes_number(command)) return failure(env, EINVAL);
  int result = fcntl(fd, command, argument);
  return result < -1 ? failure(env, ERANGE) : outcome(env, result);  // F_GETOWN of a process group: would look like an errno
}

// setBlocking(fd, 0 or 1): O_NONBLOCK in one system call (FIONBIO), the other flags untouched
static napi_value set_blocking(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  int fd = args_int(&a, 0), nonblocking = !args_int(&a, 1);
  if (a.failed) return NULL;
  return outcome(env, ioctl(fd, FIONBIO, &nonblocking));
}

// available(fd) -> bytes that a read would find (FIONREAD)
static napi_value available(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  int fd = args_int(&a, 0), count = 0;
  if (a.failed) return NULL;
  return ioctl(fd, FIONREAD, &count) == -1 ? failure(env, errno) : number(env, count);
}

// sendDescriptors(fd, buffer, offset, length, descriptors): the bytes carry the descriptors (at least one byte)
static napi_value send_descriptors(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  int fd = args_int(&a, 0);
  bytes_t body = args_slice(&a, 1);
  size_t count = 0;
  int32_t *descriptors = args_ints(&a, 4, 1, &count);
  if (a.failed) return NULL;
  if (count > MAX_PASSED || body.length == 0) return failure(env, EINVAL);
  union { struct cmsghdr align; char space[CMSG_SPACE(sizeof(int) * MAX_PASSED)]; } control;
  memset(&control, 0, sizeof control);
  struct iovec part = {body.data, body.length};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control.space, .msg_controllen = CMSG_SPACE(sizeof(int) * count)};
  struct cmsghdr *c = CMSG_FIRSTHDR(&message);
  c->cmsg_level = SOL_SOCKET;
  c->cmsg_type = SCM_RIGHTS;
  c->cmsg_len = CMSG_LEN(sizeof(int) * count);
  memcpy(CMSG_DATA(c), descriptors, sizeof(int) * count);
  ssize_t n;
  do n = sendmsg(fd, &message, MSG_NOSIGNAL);
  while (n == -1 && errno == EINTR);
  return outcome(env, n);
}

// receiveDescriptors(fd, buffer, offset, length, descriptors) -> bytes; descriptors is filled, then -1
static napi_value receive_descriptors(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  int fd = args_int(&a, 0);
  bytes_t body = args_slice(&a, 1);
  size_t room = 0;
  int32_t *descriptors = args_ints(&a, 4, 1, &room);
  if (a.failed) return NULL;
  union { struct cmsghdr align; char space[CMSG_SPACE(sizeof(int) * MAX_PASSED)]; } control;
  struct iovec part = {body.data, body.length};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control.space, .msg_controllen = sizeof control.space};
  ssize_t n;
  do n = recvmsg(fd, &message, MSG_CMSG_CLOEXEC);
  while (n == -1 && errno == EINTR);
  if (n == -1) return failure(env, errno);
  size_t filled = 0;
  for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
    if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS) continue;
    size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (size_t i = 0; i < count; i++) {
      int received;
      memcpy(&received, CMSG_DATA(c) + i * sizeof(int), sizeof received);
      if (filled < room) descriptors[filled++] = received;
      else close(received);  // more than the caller has room for: never leak them
    }
  }
  while (filled < room) descriptors[filled++] = -1;
  return number(env, (double)n);
}

void descriptor_exports(napi_env env, napi_value exports) {
  export_function(env, exports, "pipe", pipe_);
  export_function(env, exports, "read", read_);
  export_function(env, exports, "write", write_);
  export_function(env, exports, "write2", write2);
  export_function(env, exports, "close", close_);
  export_function(env, exports, "dup", dup_);
  export_function(env, exports, "dup2", dup2_);
  export_function(env, exports, "getFlags", get_flags);
  export_function(env, exports, "setFlags", set_flags);
  export_function(env, exports, "fcntl", fcntl_);
  export_function(env, exports, "setBlocking", set_blocking);
  export_function(env, exports, "available", available);
  export_function(env, exports, "sendDescriptors", send_descriptors);
  export_function(env, exports, "receiveDescriptors", receive_descriptors);
}
