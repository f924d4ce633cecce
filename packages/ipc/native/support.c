#include "support.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

args_t args_get(napi_env env, napi_callback_info info) {
  args_t a = {.env = env, .count = MAX_ARGS};
  if (napi_get_cb_info(env, info, &a.count, a.at, NULL, NULL) != napi_ok) a.failed = true;
  if (a.count > MAX_ARGS) a.count = MAX_ARGS;
  return a;
}

napi_value args_refuse(args_t *a, const char *code, const char *message) {
  bool range = strcmp(code, "ERR_OUT_OF_RANGE") == 0;
  if (!a->failed) (range ? napi_throw_range_error : napi_throw_type_error)(a->env, code, message);
  a->failed = true;
  return NULL;
}

double args_double(args_t *a, size_t index) {
  double value = 0;
  if (a->failed) return 0;
  if (index >= a->count || napi_get_value_double(a->env, a->at[index], &value) != napi_ok || isnan(value))
    args_refuse(a, "ERR_INVALID_ARG_TYPE", "native edge: expected a number");
  return value;
}

int64_t args_int64(args_t *a, size_t index) {
  double value = args_double(a, index);
  if (a->failed) return 0;
  if (value != floor(value) || fabs(value) > 9007199254740991.0)
    args_refuse(a, "ERR_OUT_OF_RANGE", "native edge: expected a safe integer");
  return a->failed ? 0 : (int64_t)value;
}

int32_t args_int(args_t *a, size_t index) {
  int64_t value = args_int64(a, index);
  if (a->failed) return 0;
  if (value < INT32_MIN || value > INT32_MAX)
    args_refuse(a, "ERR_OUT_OF_RANGE", "native edge: expected a 32-bit integer");
  return a->failed ? 0 : (int32_t)value;
}

static bool typed(args_t *a, size_t index, napi_typedarray_type wanted, void **data, size_t *length) {
  napi_typedarray_type type;
  bool is = false;
  if (a->failed) return false;
  if (index < a->count) napi_is_typedarray(a->env, a->at[index], &is);
  if (!is || napi_get_typedarray_info(a->env, a->at[index], &type, length, data, NULL, NULL) != napi_ok || type != wanted) {
    args_refuse(a, "ERR_INVALID_ARG_TYPE",
                wanted == napi_uint8_array ? "native edge: expected a Uint8Array" : "native edge: expected an Int32Array");
    return false;
  }
  return true;
}

bytes_t args_bytes(args_t *a, size_t index) {
  void *data = NULL;
  size_t length = 0;
  if (!typed(a, index, napi_uint8_array, &data, &length)) return (bytes_t){0};
  return (bytes_t){data, length};
}

bytes_t args_slice(args_t *a, size_t index) {
  bytes_t whole = args_bytes(a, index);
  int64_t offset = args_int64(a, index + 1), length = args_int64(a, index + 2);
  if (a->failed) return (bytes_t){0};
  if (offset < 0 || length < 0 || (uint64_t)offset > whole.length || (uint64_t)length > whole.length - (uint64_t)offset) {
    args_refuse(a, "ERR_OUT_OF_RANGE", "native edge: the slice lies outside its buffer");
    return (bytes_t){0};
  }
  return (bytes_t){whole.data + offset, (size_t)length};
}

int32_t *args_ints(args_t *a, size_t index, size_t least, size_t *length) {
  void *data = NULL;
  size_t count = 0;
  if (!typed(a, index, napi_int32_array, &data, &count)) return NULL;
  if (count < least) {
    args_refuse(a, "ERR_OUT_OF_RANGE", "native edge: the Int32Array is too short");
    return NULL;
  }
  if (length) *length = count;
  return data;
}

uint32_t *args_word(args_t *a, size_t index) {
  size_t length = 0;
  int32_t *words = args_ints(a, index, 1, &length);
  int64_t at = args_int64(a, index + 1);
  if (a->failed) return NULL;
  if (at < 0 || (uint64_t)at >= length) {
    args_refuse(a, "ERR_OUT_OF_RANGE", "native edge: the word lies outside its Int32Array");
    return NULL;
  }
  return (uint32_t *)words + at;
}

char *args_string(args_t *a, size_t index) {
  size_t length = 0;
  if (a->failed) return NULL;
  if (index >= a->count || napi_get_value_string_utf8(a->env, a->at[index], NULL, 0, &length) != napi_ok) {
    args_refuse(a, "ERR_INVALID_ARG_TYPE", "native edge: expected a string");
    return NULL;
  }
  char *copy = malloc(length + 1);
  if (!copy) {
    args_refuse(a, "ERR_MEMORY_ALLOCATION_FAILED", "native edge: out of memory");
    return NULL;
  }
  napi_get_value_string_utf8(a->env, a->at[index], copy, length + 1, &length);
  if (strlen(copy) != length) {
    free(copy);
    args_refuse(a, "ERR_INVALID_ARG_VALUE", "native edge: the string contains a NUL");
    return NULL;
  }
  return copy;
}

napi_value external(napi_env env, void *data, napi_finalize finalize, const napi_type_tag *tag) {
  napi_value handle = NULL;
  if (napi_create_external(env, data, finalize, NULL, &handle) == napi_ok) napi_type_tag_object(env, handle, tag);
  return handle;
}

void *args_external(args_t *a, size_t index, const napi_type_tag *tag, const char *refusal) {
  void *data = NULL;
  bool ours = false;
  napi_valuetype type = napi_undefined;
  if (a->failed) return NULL;
  if (index < a->count) napi_typeof(a->env, a->at[index], &type);
  if (type == napi_external) napi_check_object_type_tag(a->env, a->at[index], tag, &ours);
  if (!ours || napi_get_value_external(a->env, a->at[index], &data) != napi_ok || !data) args_refuse(a, "ERR_INVALID_ARG_TYPE", refusal);
  return data;
}

napi_value number(napi_env env, double value) {
  napi_value result = NULL;
  napi_create_double(env, value, &result);
  return result;
}

napi_value failure(napi_env env, int error) { return number(env, -(double)error); }

napi_value outcome(napi_env env, int64_t result) {
  return result == -1 ? failure(env, errno) : number(env, (double)result);
}

void export_function(napi_env env, napi_value exports, const char *name, napi_callback callback) {
  napi_value function;
  if (napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, NULL, &function) == napi_ok)
    napi_set_named_property(env, exports, name, function);
}
