// Readiness that blocks the calling thread: poll(2).
#include "support.h"

#include <math.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>

#define ON_STACK 64

// poll(triples [fd, events, revents]*, count, milliseconds; negative = for ever) -> how many are ready, or -EINTR
static napi_value poll_(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  size_t length = 0;
  int32_t *triples = args_ints(&a, 0, 0, &length);
  int32_t count = args_int(&a, 1);
  double timeout = args_double(&a, 2);
  if (a.failed) return NULL;
  if (count < 0 || (size_t)count * 3 > length) return args_refuse(&a, "ERR_OUT_OF_RANGE", "native edge: the triples are too few");
  struct pollfd some[ON_STACK], *list = (size_t)count > ON_STACK ? malloc(sizeof *list * (size_t)count) : some;
  if (!list) return failure(env, ENOMEM);
  for (int32_t i = 0; i < count; i++) list[i] = (struct pollfd){.fd = triples[3 * i], .events = (short)triples[3 * i + 1]};
  struct timespec limit = {0}, *until = NULL;
  if (timeout >= 0 && timeout < 1e12) {
    limit.tv_sec = (time_t)(timeout / 1e3);
    limit.tv_nsec = (long)(fmod(timeout, 1e3) * 1e6);
    until = &limit;
  }
  int ready = ppoll(list, (nfds_t)count, until, NULL);
  int error = errno;
  for (int32_t i = 0; ready >= 0 && i < count; i++) triples[3 * i + 2] = list[i].revents;
  if (list != some) free(list);
  errno = error;
  return outcome(env, ready);
}

void readiness_exports(napi_env env, napi_value exports) { export_function(env, exports, "poll", poll_); }
