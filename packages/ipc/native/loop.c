// The event loops of a forked child, on its main thread and on its workers'. Node would ask its platform's worker threads,
// which did not survive the fork, whether they are done when a loop runs dry, and wait for ever; so none is let run dry.
#include "support.h"

#include <stdlib.h>
#include <uv.h>

typedef struct {
  uv_prepare_t prepare;
  napi_env env;
  napi_ref callback;
  napi_async_context context;
  napi_async_cleanup_hook_handle cleanup;
} empty_t;

static _Thread_local uv_prepare_t *keeper;  // one for each event loop

static void on_prepare(uv_prepare_t *prepare) {
  empty_t *e = prepare->data;
  uv_unref((uv_handle_t *)prepare);
  int alive = uv_loop_alive(prepare->loop);
  uv_ref((uv_handle_t *)prepare);
  if (alive) return;
  napi_handle_scope scope;
  if (napi_open_handle_scope(e->env, &scope) != napi_ok) return;
  napi_value callback, receiver;
  if (napi_get_reference_value(e->env, e->callback, &callback) == napi_ok && callback) {
    napi_get_global(e->env, &receiver);
    napi_make_callback(e->env, e->context, receiver, callback, 0, NULL, NULL);
  }
  napi_close_handle_scope(e->env, scope);
}

static void closed(uv_handle_t *handle) {
  empty_t *e = handle->data;
  napi_remove_async_cleanup_hook(e->cleanup);
  free(e);
}

static void environment_ends(napi_async_cleanup_hook_handle handle, void *data) {
  (void)handle;
  empty_t *e = data;
  keeper = NULL;
  napi_async_destroy(e->env, e->context);
  uv_close((uv_handle_t *)&e->prepare, closed);
}

// onLoopEmpty(callback): keeps the loop alive from now on; the callback runs in each turn in which nothing else does
static napi_value on_loop_empty(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  napi_valuetype type = napi_undefined;
  if (a.count > 0) napi_typeof(env, a.at[0], &type);
  if (type != napi_function) return args_refuse(&a, "ERR_INVALID_ARG_TYPE", "native edge: expected a function");
  if (keeper) return failure(env, EEXIST);
  uv_loop_t *loop;
  if (napi_get_uv_event_loop(env, &loop) != napi_ok) return failure(env, ENOTSUP);
  empty_t *e = calloc(1, sizeof *e);
  if (!e) return failure(env, ENOMEM);
  e->env = env;
  napi_value name;
  napi_create_string_utf8(env, "cordage:loop", NAPI_AUTO_LENGTH, &name);
  napi_create_reference(env, a.at[0], 1, &e->callback);
  napi_async_init(env, NULL, name, &e->context);
  e->prepare.data = e;
  uv_prepare_init(loop, &e->prepare);
  uv_prepare_start(&e->prepare, on_prepare);
  napi_add_async_cleanup_hook(env, environment_ends, e, &e->cleanup);
  keeper = &e->prepare;
  return number(env, 0);
}

// loopAlive() -> 1 if anything but onLoopEmpty keeps the loop alive
static napi_value loop_alive(napi_env env, napi_callback_info info) {
  (void)info;
  uv_loop_t *loop;
  if (napi_get_uv_event_loop(env, &loop) != napi_ok) return failure(env, ENOTSUP);
  if (keeper) uv_unref((uv_handle_t *)keeper);
  int alive = uv_loop_alive(loop);
  if (keeper) uv_ref((uv_handle_t *)keeper);
  return number(env, alive);
}

void loop_exports(napi_env env, napi_value exports) { 
  export_function(env, exports, "onLoopEmpty", on_loop_empty);
  export_function(env, exports, "loopAlive", loop_alive);
}
