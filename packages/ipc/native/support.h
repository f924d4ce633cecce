// Shared by every file of the native edge: argument checks, results, exports.
//
// Convention: an entry returns a number >= 0 (or an object) on success and a negated errno on a failed
// system call; TypeScript turns that into a SystemError. Only an argument of the wrong type or range
// throws from here: TypeError with code ERR_INVALID_ARG_TYPE, RangeError with ERR_OUT_OF_RANGE.
#ifndef CORDAGE_SUPPORT_H
#define CORDAGE_SUPPORT_H

#include <errno.h>
#include <node_api.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MAX_ARGS 8

typedef struct {
  napi_env env;
  napi_value at[MAX_ARGS];
  size_t count;
  bool failed;  // an argument was refused and an exception is pending
} args_t;

typedef struct {
  uint8_t *data;
  size_t length;
} bytes_t;

args_t args_get(napi_env env, napi_callback_info info);
int32_t args_int(args_t *a, size_t index);
int64_t args_int64(args_t *a, size_t index);
double args_double(args_t *a, size_t index);
// A Uint8Array (Buffer included).
bytes_t args_bytes(args_t *a, size_t index);
// A Uint8Array with a byte offset at index + 1 and a byte length at index + 2 that lie inside it.
bytes_t args_slice(args_t *a, size_t index);
// An Int32Array of at least `least` elements.
int32_t *args_ints(args_t *a, size_t index, size_t least, size_t *length);
// The word of an Int32Array (argument index) at an element index (argument index + 1).
uint32_t *args_word(args_t *a, size_t index);
// A NUL-terminated copy to be freed by the caller; NULL (and failed) for anything but a string without NUL.
char *args_string(args_t *a, size_t index);
napi_value args_refuse(args_t *a, const char *code, const char *message);

napi_value number(napi_env env, double value);
// `result` if it is not -1, else the negated errno.
napi_value outcome(napi_env env, int64_t result);
napi_value failure(napi_env env, int error);

void export_function(napi_env env, napi_value exports, const char *name, napi_callback callback);

void memory_exports(napi_env env, napi_value exports);
void block_exports(napi_env env, napi_value exports);
void futex_exports(napi_env env, napi_value exports);
void waiter_exports(napi_env env, napi_value exports);
void descriptor_exports(napi_env env, napi_value exports);
void socket_exports(napi_env env, napi_value exports);
void readiness_exports(napi_env env, napi_value exports);
void watch_exports(napi_env env, napi_value exports);
void uring_exports(napi_env env, napi_value exports);
void process_exports(napi_env env, napi_value exports);
void loop_exports(napi_env env, napi_value exports);

// An external that carries `tag`, and refuses every other value: handles of one kind cannot be taken for another's.
napi_value external(napi_env env, void *data, napi_finalize finalize, const napi_type_tag *tag);
void *args_external(args_t *a, size_t index, const napi_type_tag *tag, const char *refusal);

// Maps a part of a file that lies inside it, shared; 0, or an errno.
int map_shared(int fd, int64_t offset, int64_t length, void **data);
// Wakes and forgets every wait on a word in the range: it is about to be unmapped.
void waiter_forget(const void *from, size_t length);
// Takes closeAtEnd back, because the descriptor is about to be closed.
void not_closed_at_end(napi_env env, int fd);
// The waiter's threads do not survive a fork: forget them and what they waited for (child only).
void waiter_after_fork(void);
void waiter_before_fork(void);
void waiter_fork_done_in_parent(void);

#endif
