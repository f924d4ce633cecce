// @cordage/ipc's native edge: the system calls that Node does not expose. No algorithm lives here.
#include "support.h"

NAPI_MODULE_INIT() {
  memory_exports(env, exports);
  block_exports(env, exports);
  futex_exports(env, exports);
  waiter_exports(env, exports);
  descriptor_exports(env, exports);
  socket_exports(env, exports);
  readiness_exports(env, exports);
  watch_exports(env, exports);
  uring_exports(env, exports);
  process_exports(env, exports);
  loop_exports(env, exports);
  return exports;
}
