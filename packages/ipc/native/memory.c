// Shared memory: memfd_create(2), mmap(2), fallocate(2).
#include "support.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

// memfdCreate(name) -> descriptor, close-on-exec
static napi_value memfd_create_(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  char *name = args_string(&a, 0);
  if (a.failed) return NULL;
  int fd = memfd_create(name, MFD_CLOEXEC);
  int error = errno;
  free(name);
  return fd < 0 ? failure(env, error) : number(env, fd);
}

// allocate(fd, offset, length): backs the range with memory now, so that touching it later cannot SIGBUS
static napi_value allocate(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  int fd = args_int(&a, 0);
  int64_t offset = args_int64(&a, 1), length = args_int64(&a, 2);
  if (a.failed) return NULL;
  int result;
  do result = fallocate(fd, 0, offset, length);
  while (result == -1 && errno == EINTR);
  return outcome(env, result);
}

// punch(fd, offset, length): gives the memory of the range back; it reads as zeros afterwards
static napi_value punch(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  int fd = args_int(&a, 0);
  int64_t offset = args_int64(&a, 1), length = args_int64(&a, 2);
  if (a.failed) return NULL;
  return outcome(env, fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, length));
}

typedef struct {
  size_t length;
  bool *early;  // set while the buffer is being made: Node may refuse it and have called unmap already
} mapping_t;

// Runs on the JavaScript thread once the buffer is collected or detached, or with its environment, where nothing says
// that it runs after the hook by which the waiter forgets that environment.
static void unmap(napi_env env, void *data, void *hint) {
  (void)env;
  mapping_t *mapping = hint;
  waiter_forget(data, mapping->length);
  munmap(data, mapping->length);
  if (mapping->early) *mapping->early = true;
  free(mapping);
}

static napi_value wrap(napi_env env, void *data, size_t length) {
  bool gone = false, pending = false;
  mapping_t *mapping = malloc(sizeof *mapping);
  if (!mapping) {
    munmap(data, length);
    return failure(env, ENOMEM);
  }
  *mapping = (mapping_t){length, &gone};
  napi_value buffer;
  napi_status status = napi_create_external_arraybuffer(env, data, length, unmap, mapping, &buffer);
  if (status == napi_ok) {
    mapping->early = NULL;
    return buffer;
  }
  if (!gone) unmap(env, data, mapping);
  napi_is_exception_pending(env, &pending);
  if (!pending) return failure(env, status == napi_no_external_buffers_allowed ? ENOTSUP : ENOMEM);
  napi_value refusal;  // Node's own has another class in each version
  napi_get_and_clear_last_exception(env, &refusal);
  napi_throw_range_error(env, "ERR_OUT_OF_RANGE", "native edge: longer than the longest buffer of this Node");
  return NULL;
}

int map_shared(int fd, int64_t offset, int64_t length, void **data) {
  struct stat file;
  if (fstat(fd, &file) == -1) return errno;
  // A mapping past the end of its file would be a SIGBUS in waiting.
  if (offset < 0 || length <= 0 || length > file.st_size || offset > file.st_size - length) return EINVAL;
  *data = mmap(NULL, (size_t)length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, offset);
  return *data == MAP_FAILED ? errno : 0;
}

// map(fd, offset, length) -> ArrayBuffer over so many bytes from `offset`, shared with every other mapping of the file
static napi_value map(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  int fd = args_int(&a, 0);
  int64_t offset = args_int64(&a, 1), length = args_int64(&a, 2);
  if (a.failed) return NULL;
  void *data;
  int error = map_shared(fd, offset, length, &data);
  if (error) return failure(env, error);
  return wrap(env, data, (size_t)length);
}

// detach(arrayBuffer): every view of it becomes empty and the mapping goes
static napi_value detach(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  bool is = false;
  if (a.count > 0) napi_is_arraybuffer(env, a.at[0], &is);
  if (!is) return args_refuse(&a, "ERR_INVALID_ARG_TYPE", "native edge: expected an ArrayBuffer");
  return napi_detach_arraybuffer(env, a.at[0]) == napi_ok ? number(env, 0) : failure(env, EINVAL);
}

void memory_exports(napi_env env, napi_value exports) {
  export_function(env, exports, "memfdCreate", memfd_create_);
  export_function(env, exports, "allocate", allocate);
  export_function(env, exports, "punch", punch);
  export_function(env, exports, "map", map);
  export_function(env, exports, "detach", detach);
}
