// Processes: posix_spawn(3), waitpid(2), pidfd_open(2), fork(2), and who is still alive.
#include "support.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <uv.h>

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#define SYS_pidfd_send_signal 424
#endif
#define MOST_DESCRIPTORS 256

static void free_strings(char **strings) {
  if (!strings) return;
  for (char **s = strings; *s; s++) free(*s);
  free(strings);
}

static char **args_strings(args_t *a, size_t index) {
  uint32_t length = 0;
  bool is = false;
  if (a->failed) return NULL;
  if (index < a->count) napi_is_array(a->env, a->at[index], &is);
  if (!is || napi_get_array_length(a->env, a->at[index], &length) != napi_ok) {
    args_refuse(a, "ERR_INVALID_ARG_TYPE", "native edge: expected an array of strings");
    return NULL;
  }
  char **strings = calloc((size_t)length + 1, sizeof *strings);
  for (uint32_t i = 0; strings && i < length && !a->failed; i++) {
    args_t element = {.env = a->env, .count = 1};
    napi_get_element(a->env, a->at[index], i, &element.at[0]);
    strings[i] = args_string(&element, 0);
    a->failed = element.failed;
  }
  if (!strings) args_refuse(a, "ERR_MEMORY_ALLOCATION_FAILED", "native edge: out of memory");
  return strings;
}

static bool among(const int32_t *list, size_t count, int32_t fd) {
  for (size_t i = 0; i < count; i++)
    if (list[i] == fd) return true;
  return false;
}

// The child's 0, 1, 2, ... in their places. A source that lies where another one goes is parked above them all first,
// so that nothing is overwritten before it has been copied, whatever the limit of descriptors is.
static int prepare_actions(posix_spawn_file_actions_t *actions, const int32_t *descriptors, size_t count, const char *cwd) {
  int error = 0;
  int32_t from[MOST_DESCRIPTORS], spare = (int32_t)count;
  for (size_t i = 0; i < count && !error; i++) {
    from[i] = descriptors[i];
    if (from[i] == (int32_t)i || from[i] >= (int32_t)count) continue;
    while (among(descriptors, count, spare)) spare++;
    error = posix_spawn_file_actions_adddup2(actions, descriptors[i], spare);
    from[i] = spare++;
  }
  // Onto itself, dup2 only clears close-on-exec here (posix_spawn_file_actions_adddup2(3)).
  for (size_t i = 0; i < count && !error; i++) error = posix_spawn_file_actions_adddup2(actions, from[i], (int)i);
  for (size_t i = 0; i < count && !error; i++)
    if (from[i] != descriptors[i]) error = posix_spawn_file_actions_addclose(actions, from[i]);
  if (!error && *cwd) error = posix_spawn_file_actions_addchdir_np(actions, cwd);
  return error;
}

// spawn(file, argv, envp, cwd or "", descriptors: the child's 0, 1, 2, ..., [1: in a session of its own]) -> pid
static napi_value spawn_(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  char *file = args_string(&a, 0);
  char **argv = args_strings(&a, 1), **envp = args_strings(&a, 2);
  char *cwd = args_string(&a, 3);
  size_t count = 0;
  int32_t *descriptors = args_ints(&a, 4, 0, &count);
  int own_session = a.count > 5 ? args_int(&a, 5) : 0;
  pid_t pid = -1;
  int error = 0;
  if (!a.failed && count > MOST_DESCRIPTORS) args_refuse(&a, "ERR_OUT_OF_RANGE", "native edge: too many descriptors for a child");
  if (!a.failed) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | (own_session ? POSIX_SPAWN_SETSID : 0));
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    error = prepare_actions(&actions, descriptors, count, cwd);
    if (!error) error = posix_spawn(&pid, file, &actions, &attributes, argv, envp);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }
  free(file);
  free(cwd);
  free_strings(argv);
  free_strings(envp);
  if (a.failed) return NULL;
  return error ? failure(env, error) : number(env, pid);
}

// waitpid(pid, block, status: [exit code, or -N for signal N]) -> pid, or 0 while it runs
static napi_value waitpid_(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  int pid = args_int(&a, 0), block = args_int(&a, 1);
  int32_t *out = args_ints(&a, 2, 1, NULL);
  if (a.failed) return NULL;
  if (pid <= 0) return failure(env, EINVAL);
  int status = 0;
  pid_t got = waitpid(pid, &status, block ? 0 : WNOHANG);
  if (got > 0) out[0] = WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
  return outcome(env, got);
}

static napi_value pidfd_open_(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  int pid = args_int(&a, 0);
  if (a.failed) return NULL;
  return outcome(env, syscall(SYS_pidfd_open, pid, 0));
}

static napi_value pidfd_signal(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  int pidfd = args_int(&a, 0), signal = args_int(&a, 1);
  if (a.failed) return NULL;
  return outcome(env, syscall(SYS_pidfd_send_signal, pidfd, signal, NULL, 0));
}

static napi_value gettid_(napi_env env, napi_callback_info info) {
  (void)info;
  return number(env, (double)syscall(SYS_gettid));
}

// taskStart(tid) -> when that thread or process began, in clock ticks since boot; -ESRCH if it has ended (a
// zombie has). Source: proc_pid_stat(5), fields 3 and 22.
static napi_value task_start(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  int tid = args_int(&a, 0);
  char path[32], text[1024];
  if (a.failed) return NULL;
  snprintf(path, sizeof path, "/proc/%d/stat", tid);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd == -1) return failure(env, errno == ENOENT ? ESRCH : errno);
  ssize_t n = read(fd, text, sizeof text - 1);
  int error = errno;
  close(fd);
  if (n <= 0) return failure(env, n == 0 ? ESRCH : error);
  text[n] = 0;
  char *rest = strrchr(text, ')');  // the name in brackets may hold anything
  char state = 0;
  unsigned long long start = 0;
  if (!rest || sscanf(rest + 1, " %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu", &state, &start) != 2)
    return failure(env, EPROTO);
  return state == 'Z' || state == 'X' ? failure(env, ESRCH) : number(env, (double)start);
}

// V8 marks its private mappings MADV_DONTFORK; a forked child needs them all.
static int keep_mappings(void) {
  FILE *maps = fopen("/proc/self/maps", "re");
  if (!maps) return errno;
  char line[512];
  unsigned long from, to;
  char permissions[8];
  while (fgets(line, sizeof line, maps))
    if (sscanf(line, "%lx-%lx %7s", &from, &to, permissions) == 3 && permissions[3] == 'p') madvise((void *)from, to - from, MADV_DOFORK);
  fclose(maps);
  return 0;
}

static void interrupted(int number_);

// A signal that is sent to the child at once must find the child's own dispositions, not what its parent ignored.
static void default_signals(void) {
  struct sigaction action = {.sa_handler = interrupted};
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, NULL);
  if (sigaction(SIGTERM, NULL, &action) == 0 && action.sa_handler == SIG_IGN) signal(SIGTERM, SIG_DFL);
}

// fork([1: the child's signals stay blocked until releaseSignals]) -> 0 in the child, its pid in the parent. Only for a
// process run with --single-threaded.
static napi_value fork_(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  int held = a.count > 0 ? args_int(&a, 0) : 0;
  if (a.failed) return NULL;
  uv_loop_t *loop;
  if (napi_get_uv_event_loop(env, &loop) != napi_ok) return failure(env, ENOTSUP);
  int error = keep_mappings();
  if (error) return failure(env, error);
  waiter_before_fork();
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  pid_t pid = fork();
  error = errno;
  if (pid == 0) default_signals();
  if (pid != 0 || !held) pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (pid == 0) waiter_after_fork();
  else waiter_fork_done_in_parent();
  if (pid == 0 && (error = -uv_loop_fork(loop)) != 0) _exit(70);
  return pid < 0 ? failure(env, error) : number(env, pid);
}

// releaseSignals(): forgets what was sent while signals were held, which was meant for others (a terminal's Ctrl-C, say),
// and takes signals from now on
static napi_value release_signals(napi_env env, napi_callback_info info) {
  (void)info;
  const struct timespec now = {0};
  sigset_t all, none;
  sigfillset(&all);
  sigemptyset(&none);
  while (sigtimedwait(&all, NULL, &now) != -1 || errno == EINTR) {}
  return failure(env, pthread_sigmask(SIG_SETMASK, &none, NULL));
}

// exitNow(status): _exit(2), for a forked child, whose normal exit would join threads that it does not have
static napi_value exit_now(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  int status = args_int(&a, 0);
  if (a.failed) return NULL;
  fflush(NULL);
  _exit(status);
  (void)env;
}

static void *end_with(void *data) {
  struct pollfd life = {.fd = (int)(intptr_t)data, .events = POLLIN};
  while (poll(&life, 1, -1) == -1 && errno == EINTR) {}
  kill(getpid(), SIGKILL);
  return NULL;
}

// endWith(fd): kills this process, whatever its JavaScript is doing, once the descriptor reports its end
// (a pidfd whose process has ended, or a pipe whose writers are gone and which carries nothing)
static napi_value end_with_(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  int fd = args_int(&a, 0);
  if (a.failed) return NULL;
  if (fcntl(fd, F_GETFD) == -1) return failure(env, errno);  // poll would report a closed one as ended
  pthread_t thread;
  pthread_attr_t attributes;
  sigset_t all, before;
  sigfillset(&all);
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&attributes, 64 * 1024);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int error = pthread_create(&thread, &attributes, end_with, (void *)(intptr_t)fd);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  pthread_attr_destroy(&attributes);
  return failure(env, error);
}

static void interrupted(int number_) {
  (void)number_;
  static const char text[] = "KeyboardInterrupt\n";
  if (write(STDERR_FILENO, text, sizeof text - 1) == -1) {}  // nothing more can be done about it here
  _exit(1);
}

// interruptEnds(): SIGINT ends this process with status 1, even while its JavaScript blocks or spins, until
// somebody installs or removes a handler of their own (Node's handlers replace this one)
static napi_value interrupt_ends(napi_env env, napi_callback_info info) {
  (void)info;
  struct sigaction action = {.sa_handler = interrupted};
  sigemptyset(&action.sa_mask);
  return outcome(env, sigaction(SIGINT, &action, NULL));
}

static void close_descriptor(void *data) { close((int)(intptr_t)data); }

// Nobody who closes a descriptor by himself may have its next owner's closed later.
void not_closed_at_end(napi_env env, int fd) { napi_remove_env_cleanup_hook(env, close_descriptor, (void *)(intptr_t)fd); }

// closeAtEnd(fd): closes the descriptor when this environment (a worker thread, say) has ended, however it ends,
// unless close() did so before. Twice is fine.
static napi_value close_at_end(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  int fd = args_int(&a, 0);
  if (a.failed) return NULL;
  not_closed_at_end(env, fd);
  return napi_add_env_cleanup_hook(env, close_descriptor, (void *)(intptr_t)fd) == napi_ok ? number(env, 0) : failure(env, ENOMEM);
}

// keepAtEnd(fd): takes closeAtEnd back, because the descriptor has another owner now
static napi_value keep_at_end(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  int fd = args_int(&a, 0);
  if (a.failed) return NULL;
  not_closed_at_end(env, fd);
  return number(env, 0);
}

// signalAction(n, 0 default | 1 ignore): what the system does by itself when the signal comes
static napi_value signal_action(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  int n = args_int(&a, 0), ignore = args_int(&a, 1);
  if (a.failed) return NULL;
  return outcome(env, signal(n, ignore ? SIG_IGN : SIG_DFL) == SIG_ERR ? -1 : 0);
}

void process_exports(napi_env env, napi_value exports) {
  export_function(env, exports, "spawn", spawn_);
  export_function(env, exports, "waitpid", waitpid_);
  export_function(env, exports, "pidfdOpen", pidfd_open_);
  export_function(env, exports, "pidfdSignal", pidfd_signal);
  export_function(env, exports, "gettid", gettid_);
  export_function(env, exports, "taskStart", task_start);
  export_function(env, exports, "fork", fork_);
  export_function(env, exports, "releaseSignals", release_signals);
  export_function(env, exports, "exitNow", exit_now);
  export_function(env, exports, "endWith", end_with_);
  export_function(env, exports, "interruptEnds", interrupt_ends);
  export_function(env, exports, "closeAtEnd", close_at_end);
  export_function(env, exports, "keepAtEnd", keep_at_end);
  export_function(env, exports, "signalAction", signal_action);
}
