// futex(2) on words of shared mappings. Never FUTEX_PRIVATE_FLAG: the words are shared between processes.
#include "support.h"

#include <linux/futex.h>
#include <math.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

// futexWait(words, index, expected, milliseconds; negative = for ever) -> 0, -EAGAIN, -ETIMEDOUT or -EINTR
static napi_value futex_wait(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  uint32_t *word = args_word(&a, 0);
  int32_t expected = args_int(&a, 2);
  double timeout = args_double(&a, 3);
  if (a.failed) return NULL;
  struct timespec limit, *until = NULL;
  if (timeout >= 0 && timeout < 1e12) {
    limit.tv_sec = (time_t)(timeout / 1e3);
    limit.tv_nsec = (long)(fmod(timeout, 1e3) * 1e6);
    until = &limit;
  }
  return outcome(env, syscall(SYS_futex, word, FUTEX_WAIT, (uint32_t)expected, until, NULL, 0));
}

// futexWake(words, index, count) -> how many were woken
static napi_value futex_wake(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  uint32_t *word = args_word(&a, 0);
  int32_t count = args_int(&a, 2);
  if (a.failed) return NULL;
  return outcome(env, syscall(SYS_futex, word, FUTEX_WAKE, count, NULL, NULL, 0));
}

void futex_exports(napi_env env, napi_value exports) {
  export_function(env, exports, "futexWait", futex_wait);
  export_function(env, exports, "futexWake", futex_wake);
}
