// Any descriptor on Node's event loop: uv_poll. One watch per descriptor and event loop (libuv's rule).
//
// Life of a watch: opened (stopped) -> start/stop any number of times -> closed by watchClose or with its
// environment; the memory goes when libuv has let go of it and the JavaScript handle is collected.
#include "support.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <uv.h>

typedef struct {
  uv_poll_t poll;
  napi_env env;
  napi_ref callback;
  napi_async_context context;
  napi_async_cleanup_hook_handle cleanup;
  bool epoll;  // an epoll instance itself
  bool calling;  // inside its callback, whose context must outlive it
  bool closing;
  bool released;  // libuv has let go
  bool collected;  // the JavaScript handle is gone
} watch_t;

static const napi_type_tag WATCH_TAG = {0x636f726461676577, 0x2b7c90e4d1a83f56};

static void maybe_free(watch_t *w) {
  if (w->released && w->collected) free(w);
}

static void on_closed(uv_handle_t *handle) {
  watch_t *w = handle->data;
  w->released = true;
  if (w->cleanup) napi_remove_async_cleanup_hook(w->cleanup);
  maybe_free(w);
}

static void drop_callback(watch_t *w) {
  if (w->callback) napi_delete_reference(w->env, w->callback);
  if (w->context) napi_async_destroy(w->env, w->context);
  w->callback = NULL;
  w->context = NULL;
}

static void close_watch(watch_t *w) {
  if (w->closing) return;
  w->closing = true;
  if (!w->calling) drop_callback(w);
  uv_poll_stop(&w->poll);
  uv_close((uv_handle_t *)&w->poll, on_closed);
}

static void environment_ends(napi_async_cleanup_hook_handle handle, void *data) {
  (void)handle;
  close_watch(data);
}

static void on_ready(uv_poll_t *poll, int status, int events) {
  watch_t *w = poll->data;
  napi_handle_scope scope;
  if (w->closing || napi_open_handle_scope(w->env, &scope) != napi_ok) return;
  napi_value callback, receiver, argument;
  w->calling = true;
  if (napi_get_reference_value(w->env, w->callback, &callback) == napi_ok && callback) {
    napi_get_global(w->env, &receiver);
    argument = number(w->env, status < 0 ? status : events);
    if (napi_make_callback(w->env, w->context, receiver, callback, 1, &argument, NULL) == napi_pending_exception) {
      napi_value error;
      napi_get_and_clear_last_exception(w->env, &error);
      napi_fatal_exception(w->env, error);
    }
  }
  w->calling = false;
  if (w->closing) drop_callback(w);
  napi_close_handle_scope(w->env, scope);
}

static void handle_collected(napi_env env, void *data, void *hint) {
  (void)env;
  (void)hint;
  watch_t *w = data;
  w->collected = true;
  close_watch(w);
  maybe_free(w);
}

// The kernel has an answer that differs from "no epoll instance" only where it is one.
static bool is_epoll(int fd, uv_loop_t *loop) {
  struct epoll_event event = {0};
  return epoll_ctl(fd, EPOLL_CTL_DEL, uv_backend_fd(loop), &event) == -1 && errno == ENOENT;
}

// libuv tells the kernel later, and aborts the process where the kernel refuses (uv__io_poll): epoll instances may contain each other
// only so deep. What is there already, libuv modifies.
static int tell_at_once(uv_poll_t *poll, int fd) {
  struct epoll_event event = {.data.fd = fd};
  return epoll_ctl(uv_backend_fd(poll->loop), EPOLL_CTL_ADD, fd, &event) == 0 || errno == EEXIST ? 0 : -errno;
}

// watchOpen(fd, callback(events or -errno)) -> handle
static napi_value watch_open(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  int fd = args_int(&a, 0);
  napi_valuetype type = napi_undefined;
  if (a.failed) return NULL;
  if (a.count > 1) napi_typeof(env, a.at[1], &type);
  if (type != napi_function) return args_refuse(&a, "ERR_INVALID_ARG_TYPE", "native edge: expected a function");
  uv_loop_t *loop;
  if (napi_get_uv_event_loop(env, &loop) != napi_ok) return failure(env, ENOTSUP);
  watch_t *w = calloc(1, sizeof *w);
  if (!w) return failure(env, ENOMEM);
  w->env = env;
  int error = uv_poll_init(loop, &w->poll, fd);
  if (error) {
    free(w);
    return number(env, error);
  }
  w->poll.data = w;
  w->epoll = is_epoll(fd, loop);
  napi_value name;
  napi_create_string_utf8(env, "cordage:watch", NAPI_AUTO_LENGTH, &name);
  napi_create_reference(env, a.at[1], 1, &w->callback);
  napi_async_init(env, NULL, name, &w->context);
  napi_add_async_cleanup_hook(env, environment_ends, w, &w->cleanup);
  return external(env, w, handle_collected, &WATCH_TAG);
}

static watch_t *watch_of(args_t *a) { return args_external(a, 0, &WATCH_TAG, "native edge: expected a watch handle"); }

// watchStart(handle, events: UV_READABLE 1 | UV_WRITABLE 2 | UV_DISCONNECT 4)
static napi_value watch_start(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  watch_t *w = watch_of(&a);
  int events = args_int(&a, 1);
  if (a.failed) return NULL;
  uv_os_fd_t fd;
  // libuv aborts the process when it finds a closed descriptor in its loop (uv__io_poll).
  if (w->closing || uv_fileno((uv_handle_t *)&w->poll, &fd) != 0 || fcntl(fd, F_GETFD) == -1) return failure(env, EBADF);
  if (events & ~(UV_READABLE | UV_WRITABLE | UV_DISCONNECT | UV_PRIORITIZED)) return failure(env, EINVAL);
  int error = uv_poll_start(&w->poll, events, on_ready);
  if (error == 0 && events != 0 && w->epoll && (error = tell_at_once(&w->poll, fd)) != 0) uv_poll_stop(&w->poll);
  return number(env, error);
}

static napi_value watch_stop(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  watch_t *w = watch_of(&a);
  if (a.failed) return NULL;
  return number(env, w->closing ? 0 : uv_poll_stop(&w->poll));
}

// watchRef(handle, 0 or 1): whether a started watch keeps the event loop alive
static napi_value watch_ref(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  watch_t *w = watch_of(&a);
  int ref = args_int(&a, 1);
  if (a.failed) return NULL;
  if (ref) uv_ref((uv_handle_t *)&w->poll);
  else uv_unref((uv_handle_t *)&w->poll);
  return number(env, 0);
}

static napi_value watch_close(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  watch_t *w = watch_of(&a);
  if (a.failed) return NULL;
  close_watch(w);
  return number(env, 0);
}

void watch_exports(napi_env env, napi_value exports) {
  export_function(env, exports, "watchOpen", watch_open);
  export_function(env, exports, "watchStart", watch_start);
  export_function(env, exports, "watchStop", watch_stop);
  export_function(env, exports, "watchRef", watch_ref);
  export_function(env, exports, "watchClose", watch_close);
}
