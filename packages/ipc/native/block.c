// Blocks: pieces of shared memory that are lent out. An ArrayBuffer shows the bytes of a block until it is collected;
// then the first word of the block becomes 0, which tells whoever filled it that he may fill it again.
//
// Life of a block: opened (mapped) -> lent any number of times -> unmapped when its handle and everything lent are gone.
#include "support.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

typedef struct {
  uint8_t *data;
  size_t length;
  atomic_int references;
} block_t;

typedef struct {
  block_t *block;
  pid_t pid;    // a forked child has a copy of the buffer, and must not give back what its parent reads
  bool *early;  // set while the buffer is being made: Node may refuse it and have called back already
} loan_t;

static const napi_type_tag BLOCK_TAG = {0x636f72646167626c, 0x51d0a7c3e94b862f};

static void release(block_t *block) {
  if (atomic_fetch_sub(&block->references, 1) > 1) return;
  munmap(block->data, block->length);
  free(block);
}

static void handle_collected(napi_env env, void *data, void *hint) {
  (void)env;
  (void)hint;
  release(data);
}

static void give_back(napi_env env, void *data, void *hint) {
  (void)env;
  (void)data;
  loan_t *loan = hint;
  if (loan->early) *loan->early = true;
  if (loan->pid == getpid()) __atomic_store_n((uint32_t *)loan->block->data, 0, __ATOMIC_RELEASE);
  release(loan->block);
  free(loan);
}

// blockOpen(fd, offset, length) -> handle
static napi_value block_open(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  int fd = args_int(&a, 0);
  int64_t offset = args_int64(&a, 1), length = args_int64(&a, 2);
  if (a.failed) return NULL;
  if (length < (int64_t)sizeof(uint32_t)) return failure(env, EINVAL);
  block_t *block = malloc(sizeof *block);
  if (!block) return failure(env, ENOMEM);
  void *data;
  int error = map_shared(fd, offset, length, &data);
  if (error) {
    free(block);
    return failure(env, error);
  }
  block->data = data;
  block->length = (size_t)length;
  atomic_init(&block->references, 1);
  return external(env, block, handle_collected, &BLOCK_TAG);
}

// blockLend(handle, start, length) -> ArrayBuffer over those bytes of the block, behind its first word
static napi_value block_lend(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  block_t *block = args_external(&a, 0, &BLOCK_TAG, "native edge: expected a block handle");
  int64_t start = args_int64(&a, 1), length = args_int64(&a, 2);
  if (a.failed) return NULL;
  int64_t size = (int64_t)block->length;
  if (start < (int64_t)sizeof(uint32_t) || length < 1 || length > size || start > size - length) return failure(env, EINVAL);
  loan_t *loan = malloc(sizeof *loan);
  if (!loan) return failure(env, ENOMEM);
  bool gone = false, pending = false;
  *loan = (loan_t){block, getpid(), &gone};
  atomic_fetch_add(&block->references, 1);
  napi_value buffer;
  napi_status status = napi_create_external_arraybuffer(env, block->data + start, (size_t)length, give_back, loan, &buffer);
  if (status == napi_ok) {
    loan->early = NULL;
    return buffer;
  }
  if (!gone) give_back(env, NULL, loan);
  napi_is_exception_pending(env, &pending);
  return pending ? NULL : failure(env, status == napi_no_external_buffers_allowed ? ENOTSUP : ENOMEM);
}

void block_exports(napi_env env, napi_value exports) {
  export_function(env, exports, "blockOpen", block_open);
  export_function(env, exports, "blockLend", block_lend);
}
