// Readiness that blocks the calling thread: poll(2), select(2), epoll(7).
#include "support.h"

#include <limits.h>
#include <math.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <time.h>

#define ON_STACK 64
#define READS 1   // of a triple of select, as POLLIN
#define WRITES 4  // as POLLOUT

static bool triples_hold(args_t *a, int32_t count, size_t length) {
  if (!a->failed && (count < 0 || (size_t)count * 3 > length)) args_refuse(a, "ERR_OUT_OF_RANGE", "native edge: the triples are too few");
  return !a->failed;
}

// The milliseconds as poll(2) and select(2) want them; false for those who wait for ever.
static bool limit_of(double milliseconds, struct timespec *limit) {
  if (!(milliseconds >= 0 && milliseconds < 1e12)) return false;
  limit->tv_sec = (time_t)(milliseconds / 1e3);
  limit->tv_nsec = (long)(fmod(milliseconds, 1e3) * 1e6);
  return true;
}

// What poll and select are given: (triples, count, milliseconds). False: an exception is pending.
static bool triples_given(napi_env env, napi_callback_info info, int32_t **triples, int32_t *count, double *timeout) {
  args_t a = args_get(env, info);
  size_t length = 0;
  *triples = args_ints(&a, 0, 0, &length);
  *count = args_int(&a, 1);
  *timeout = args_double(&a, 2);
  return triples_hold(&a, *count, length);
}

// poll(triples [fd, events, revents]*, count, milliseconds; negative = for ever) -> how many are ready, or -EINTR
static napi_value poll_(napi_env env, napi_callback_info info) {
  int32_t *triples, count;
  double timeout;
  if (!triples_given(env, info, &triples, &count, &timeout)) return NULL;
  size_t many = (uint32_t)count;
  struct pollfd some[ON_STACK], *list = many > ON_STACK ? malloc(sizeof *list * many) : some;
  if (!list) return failure(env, ENOMEM);
  for (int32_t i = 0; i < count; i++) list[i] = (struct pollfd){.fd = triples[3 * i], .events = (short)triples[3 * i + 1]};
  struct timespec limit = {0};
  int ready = ppoll(list, many, limit_of(timeout, &limit) ? &limit : NULL, NULL);
  int error = errno;
  for (int32_t i = 0; ready >= 0 && i < count; i++) triples[3 * i + 2] = list[i].revents;
  if (list != some) free(list);
  errno = error;
  return outcome(env, ready);
}

// select(triples [fd, 1 reads | 4 writes, found]*, count, milliseconds; negative = for ever) -> how many bits are set, or
// -EINTR; -EINVAL for a descriptor that no fd_set has room for
static napi_value select_(napi_env env, napi_callback_info info) {
  int32_t *triples, count;
  double timeout;
  if (!triples_given(env, info, &triples, &count, &timeout)) return NULL;
  fd_set reads, writes;
  FD_ZERO(&reads);
  FD_ZERO(&writes);
  int highest = -1;
  for (int32_t i = 0; i < count; i++) {
    int fd = triples[3 * i];
    if (fd < 0 || fd >= FD_SETSIZE) return failure(env, EINVAL);
    if (triples[3 * i + 1] & READS) FD_SET(fd, &reads);
    if (triples[3 * i + 1] & WRITES) FD_SET(fd, &writes);
    if (fd > highest) highest = fd;
  }
  struct timespec limit = {0};
  int ready = pselect(highest + 1, &reads, &writes, NULL, limit_of(timeout, &limit) ? &limit : NULL, NULL);
  for (int32_t i = 0; ready >= 0 && i < count; i++) {
    int fd = triples[3 * i];
    triples[3 * i + 2] = (FD_ISSET(fd, &reads) ? READS : 0) | (FD_ISSET(fd, &writes) ? WRITES : 0);
  }
  return outcome(env, ready);
}

static napi_value epoll_create_(napi_env env, napi_callback_info info) {
  (void)info;
  return outcome(env, epoll_create1(EPOLL_CLOEXEC));
}

// epollControl(epoll, operation: EPOLL_CTL_*, fd, events, tag): the tag comes back with the descriptor's events
static napi_value epoll_control(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  int epoll = args_int(&a, 0), operation = args_int(&a, 1), fd = args_int(&a, 2), events = args_int(&a, 3), tag = args_int(&a, 4);
  if (a.failed) return NULL;
  struct epoll_event event = {.events = (uint32_t)events, .data.u64 = (uint64_t)(uint32_t)fd << 32 | (uint32_t)tag};
  return outcome(env, epoll_ctl(epoll, operation, fd, &event));
}

// epollWait(epoll, triples [fd, found, tag]*, most, milliseconds; negative = for ever) -> how many are ready, or -EINTR
static napi_value epoll_wait_(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  int epoll = args_int(&a, 0);
  size_t length = 0;
  int32_t *triples = args_ints(&a, 1, 0, &length);
  int32_t most = args_int(&a, 2);
  double timeout = args_double(&a, 3);
  if (!triples_hold(&a, most, length)) return NULL;
  // Rounded up: a wait that ends before its time would only be begun again.
  int milliseconds = timeout < 0 ? -1 : timeout >= INT_MAX ? INT_MAX : (int)ceil(timeout);
  size_t many = (uint32_t)most;
  struct epoll_event some[ON_STACK], *list = many > ON_STACK ? malloc(sizeof *list * many) : some;
  if (!list) return failure(env, ENOMEM);
  int ready = epoll_wait(epoll, list, most, milliseconds);
  int error = errno;
  for (int i = 0; i < ready; i++) {
    triples[3 * i] = (int32_t)(list[i].data.u64 >> 32);
    triples[3 * i + 1] = (int32_t)list[i].events;
    triples[3 * i + 2] = (int32_t)(uint32_t)list[i].data.u64;
  }
  if (list != some) free(list);
  errno = error;
  return outcome(env, ready);
}

void readiness_exports(napi_env env, napi_value exports) {
  export_function(env, exports, "poll", poll_);
  export_function(env, exports, "select", select_);
  export_function(env, exports, "epollCreate", epoll_create_);
  export_function(env, exports, "epollControl", epoll_control);
  export_function(env, exports, "epollWait", epoll_wait_);
}
