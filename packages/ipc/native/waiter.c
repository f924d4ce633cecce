// Waiting on shared words without blocking a JavaScript thread: background threads of the process wait in
// futex_waitv(2), up to 127 words each, and post to the event loop of whoever asked. The first thread
// serves until it is full. Where the kernel has no futex_waitv (before 5.16), one thread waits for each word.
//
// Rules:
//  1. All state is guarded by `mutex`. A thread holds it except inside the kernel.
//  2. An entry is in exactly one thread's list until it is fired or cancelled; whoever unlinks it owns it.
//  3. A word is read only while its entry is linked, and a mapping unlinks the entries on it before it goes
//     (waiter_forget): at the end of an environment Node frees buffers before or after our own hook, as it likes.
//     The kernel keys a shared futex by inode, so a mapping that goes while a thread sleeps on it does no harm.
//  4. Threads are detached, never joined, and touch no JavaScript: they cannot delay an exit.
#include "support.h"

#include <linux/futex.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#ifndef SYS_futex_waitv
#define SYS_futex_waitv 449
#endif
#define ENTRIES 127  // and one control word: futex_waitv takes 128
#define STACK_BYTES (64 * 1024)

struct waitv {  // struct futex_waitv of linux/futex.h, which older headers lack
  uint64_t val, uaddr;
  uint32_t flags, reserved;
};
#define WAITV_32 2
#define WAITV_PRIVATE 128

typedef struct loop_side {
  napi_threadsafe_function post;
  bool closed;
} loop_side;

typedef struct {
  uint32_t id;
  uint32_t *word;
  uint32_t expected;
  loop_side *owner;
} entry_t;

typedef struct thread_t {
  struct thread_t *next;
  uint32_t control;  // changed and woken to make the thread look at its list again
  size_t count;
  size_t capacity;
  // Only with a capacity of 1: the word that it sleeps on, which a cancelled wait leaves behind for up to a slice.
  uint32_t *asleep_on;
  uint32_t asleep_value;
  entry_t entries[ENTRIES];
} thread_t;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static thread_t *threads;
static uint32_t last_id;
static bool no_waitv;

static const napi_type_tag WAITER_TAG = {0x636f726461676577, 0x8d1f6a20c35b4e91};

static void fire(thread_t *t, size_t index) {
  entry_t *e = &t->entries[index];
  napi_call_threadsafe_function(e->owner->post, (void *)(uintptr_t)e->id, napi_tsfn_nonblocking);
  *e = t->entries[--t->count];
}

// Fires the entry that the kernel named and every entry whose word has changed.
static void sweep(thread_t *t, const uint32_t *woken_word) {
  for (size_t i = t->count; i-- > 0;) {
    entry_t *e = &t->entries[i];
    if (e->word == woken_word || __atomic_load_n(e->word, __ATOMIC_SEQ_CST) != e->expected) fire(t, i);
  }
}

static long wait_for_any(thread_t *t, struct waitv *v, size_t n) {
  if (t->capacity > 1) return syscall(SYS_futex_waitv, v, n, 0, NULL, CLOCK_MONOTONIC);
  // One word only: no way to watch the control word too, so look at the list again four times a second.
  struct timespec slice = {0, 250000000};
  if (n < 2) return syscall(SYS_futex, &t->control, FUTEX_WAIT, (uint32_t)v[0].val, NULL, NULL, 0);
  long r = syscall(SYS_futex, (uint32_t *)(uintptr_t)v[1].uaddr, FUTEX_WAIT, (uint32_t)v[1].val, &slice, NULL, 0);
  return r == 0 ? 1 : r;
}

static void doze(void) {
  struct timespec moment = {0, 10000000};
  nanosleep(&moment, NULL);
}

static void *serve(void *data) {
  thread_t *t = data;
  struct waitv v[ENTRIES + 1];
  pthread_mutex_lock(&mutex);
  for (;;) {
    memset(v, 0, sizeof v);
    v[0] = (struct waitv){.val = t->control, .uaddr = (uintptr_t)&t->control, .flags = WAITV_32 | (t->capacity > 1 ? WAITV_PRIVATE : 0)};
    for (size_t i = 0; i < t->count; i++)
      v[i + 1] = (struct waitv){.val = t->entries[i].expected, .uaddr = (uintptr_t)t->entries[i].word, .flags = WAITV_32};
    size_t n = t->count + 1;
    if (t->capacity == 1 && n == 2) {
      t->asleep_on = t->entries[0].word;
      t->asleep_value = t->entries[0].expected;
    }
    pthread_mutex_unlock(&mutex);
    long r = wait_for_any(t, v, n);
    int error = errno;
    bool refused = r == -1 && (error == ENOSYS || error == EPERM);  // an old kernel; a sandbox
    // EFAULT: a mapping went while we were outside, so its words are no longer in the list. Anything else is a kernel
    // short of memory. Look again, but never spin.
    if (r == -1 && !refused && error != EAGAIN && error != EINTR && error != ETIMEDOUT) doze();
    pthread_mutex_lock(&mutex);
    t->asleep_on = NULL;
    sweep(t, r > 0 ? (uint32_t *)(uintptr_t)v[r].uaddr : NULL);
    if (refused && t->capacity > 1) {  // from now on one thread for each word
      no_waitv = true;
      t->capacity = 1;
      for (size_t i = t->count; i-- > 0;) fire(t, i);  // a spurious wake: callers look at their word and come back
    }
  }
  return NULL;
}

static thread_t *start_thread(void) {
  thread_t *t = calloc(1, sizeof *t);
  if (!t) return NULL;
  t->capacity = no_waitv ? 1 : ENTRIES;
  pthread_attr_t attributes;
  pthread_t id;
  sigset_t all, before;
  sigfillset(&all);
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&attributes, STACK_BYTES);
  pthread_sigmask(SIG_SETMASK, &all, &before);  // signals are for the threads that run JavaScript
  int error = pthread_create(&id, &attributes, serve, t);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  pthread_attr_destroy(&attributes);
  if (error) {
    free(t);
    errno = error;
    return NULL;
  }
  t->next = threads;
  return threads = t;
}

// A thread that still sleeps on the word of a cancelled wait would hear of another word too late.
static bool has_room(const thread_t *t, const uint32_t *word, uint32_t expected) {
  if (t->count >= t->capacity || (t->capacity == 1) != no_waitv) return false;
  return !t->asleep_on || (t->asleep_on == word && t->asleep_value == expected);
}

static thread_t *thread_with_room(const uint32_t *word, uint32_t expected) {
  for (thread_t *t = threads; t; t = t->next)
    if (has_room(t, word, expected)) return t;
  return start_thread();
}

static void look_again(thread_t *t) {
  t->control++;
  syscall(SYS_futex, &t->control, t->capacity > 1 ? FUTEX_WAKE_PRIVATE : FUTEX_WAKE, 1, NULL, NULL, 0);
}

// ---- the JavaScript side: one loop_side for each environment (main thread or worker thread)

static void call_js(napi_env env, napi_value callback, void *context, void *data) {
  (void)context;
  if (!env) return;  // the environment is going
  napi_value id, receiver;
  napi_create_uint32(env, (uint32_t)(uintptr_t)data, &id);
  napi_get_undefined(env, &receiver);
  if (napi_call_function(env, receiver, callback, 1, &id, NULL) != napi_pending_exception) return;
  napi_value error;  // left pending, Node 20 would only warn of it (DEP0168)
  if (napi_get_and_clear_last_exception(env, &error) == napi_ok) napi_fatal_exception(env, error);
}

static void forget(loop_side *side) {
  for (thread_t *t = threads; t; t = t->next) {
    bool changed = false;
    for (size_t i = t->count; i-- > 0;)
      if (t->entries[i].owner == side) {
        t->entries[i] = t->entries[--t->count];
        changed = true;
      }
    if (changed) look_again(t);
  }
}

void waiter_forget(const void *from, size_t length) {
  uintptr_t first = (uintptr_t)from;
  pthread_mutex_lock(&mutex);
  for (thread_t *t = threads; t; t = t->next) {
    size_t before = t->count;
    for (size_t i = t->count; i-- > 0;)
      if ((uintptr_t)t->entries[i].word - first < length) fire(t, i);
    if (t->count != before) look_again(t);
  }
  pthread_mutex_unlock(&mutex);
}

static void environment_ends(void *data) {
  loop_side *side = data;
  pthread_mutex_lock(&mutex);
  forget(side);
  side->closed = true;
  pthread_mutex_unlock(&mutex);
  // Nothing refers to `side` any more: entries are linked under the mutex only while it is open.
}

static void finalize_post(napi_env env, void *data, void *hint) {
  (void)env;
  (void)hint;
  loop_side *side = data;
  pthread_mutex_lock(&mutex);
  forget(side);
  pthread_mutex_unlock(&mutex);
  free(side);
}

// waiterOpen(callback(id)) -> handle for this environment; never keeps its event loop alive
static napi_value waiter_open(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  napi_valuetype type = napi_undefined;
  if (a.count > 0) napi_typeof(env, a.at[0], &type);
  if (type != napi_function) return args_refuse(&a, "ERR_INVALID_ARG_TYPE", "native edge: expected a function");
  loop_side *side = calloc(1, sizeof *side);
  napi_value name;
  if (!side) return failure(env, ENOMEM);
  napi_create_string_utf8(env, "cordage:waiter", NAPI_AUTO_LENGTH, &name);
  if (napi_create_threadsafe_function(env, a.at[0], NULL, name, 0, 1, side, finalize_post, NULL, call_js, &side->post) != napi_ok) {
    free(side);
    return failure(env, ENOMEM);
  }
  napi_unref_threadsafe_function(env, side->post);
  napi_add_env_cleanup_hook(env, environment_ends, side);
  return external(env, side, NULL, &WAITER_TAG);
}

static loop_side *side_of(args_t *a) { return args_external(a, 0, &WAITER_TAG, "native edge: expected a waiter handle"); }

// waiterAdd(handle, words, index, expected) -> id; the callback gets the id once the word is woken or differs
static napi_value waiter_add(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  loop_side *side = side_of(&a);
  uint32_t *word = args_word(&a, 1);
  int32_t expected = args_int(&a, 3);
  if (a.failed) return NULL;
  pthread_mutex_lock(&mutex);
  thread_t *t = side->closed ? NULL : thread_with_room(word, (uint32_t)expected);
  int error = side->closed ? ESHUTDOWN : errno;
  if (t) {
    if (++last_id == 0) ++last_id;
    t->entries[t->count++] = (entry_t){last_id, word, (uint32_t)expected, side};
    look_again(t);
  }
  uint32_t id = last_id;
  pthread_mutex_unlock(&mutex);
  return t ? number(env, id) : failure(env, error);
}

// waiterCancel(handle, id) -> 1 if it was still waiting; 0 if its callback has run or is on its way
static napi_value waiter_cancel(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  loop_side *side = side_of(&a);
  int64_t id = args_int64(&a, 1);
  if (a.failed) return NULL;
  int found = 0;
  pthread_mutex_lock(&mutex);
  for (thread_t *t = threads; t && !found; t = t->next)
    for (size_t i = 0; i < t->count; i++)
      if (t->entries[i].id == (uint32_t)id && t->entries[i].owner == side) {
        t->entries[i] = t->entries[--t->count];
        look_again(t);
        found = 1;
        break;
      }
  pthread_mutex_unlock(&mutex);
  return number(env, found);
}

// waiterMode(1): from now on as on a kernel without futex_waitv, for tests; returns the number of threads
static napi_value waiter_mode(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  int mode = args_int(&a, 0);
  if (a.failed) return NULL;
  int count = 0;
  pthread_mutex_lock(&mutex);
  no_waitv = mode == 1;
  for (thread_t *t = threads; t; t = t->next) count++;
  pthread_mutex_unlock(&mutex);
  return number(env, count);
}

void waiter_before_fork(void) { pthread_mutex_lock(&mutex); }
void waiter_fork_done_in_parent(void) { pthread_mutex_unlock(&mutex); }
void waiter_after_fork(void) {
  threads = NULL;  // their memory is abandoned: it belongs to threads that are not in this process
  pthread_mutex_unlock(&mutex);
}

void waiter_exports(napi_env env, napi_value exports) {
  export_function(env, exports, "waiterOpen", waiter_open);
  export_function(env, exports, "waiterAdd", waiter_add);
  export_function(env, exports, "waiterCancel", waiter_cancel);
  export_function(env, exports, "waiterMode", waiter_mode);
}
