// Asynchronous reads: io_uring_setup(2), io_uring_enter(2), io_uring_register(2). One ring for each handle, for the thread
// that opened it.
//
// Life of a read: free -> queued (in the ring's memory, the kernel has not looked) -> in flight (the kernel has it) -> done
// (its completion was taken) -> free (its bytes were handed over). Its memory belongs to the ring until it is free: JavaScript
// never sees memory that the kernel may still write to, so nothing that it does to a buffer (a transfer detaches one and frees
// the bytes elsewhere) can matter.
//
// INVARIANT: a ring that goes (uringClose, its handle is collected, its environment ends) has no read in flight: close_ring
// cancels them all and waits for what the kernel says of each. Where it cannot, their memory is never freed.
#include "support.h"

#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_io_uring_setup
#define SYS_io_uring_setup 425
#define SYS_io_uring_enter 426
#define SYS_io_uring_register 427
#endif
#define MOST_READS 4096

// From linux/io_uring.h, which may be missing or older than the kernel that this runs on.
struct sq_offsets { uint32_t head, tail, ring_mask, ring_entries, flags, dropped, array, resv1; uint64_t resv2; };
struct cq_offsets { uint32_t head, tail, ring_mask, ring_entries, overflow, cqes, flags, resv1; uint64_t resv2; };
struct params {
  uint32_t sq_entries, cq_entries, flags, sq_thread_cpu, sq_thread_idle, features, wq_fd, resv[3];
  struct sq_offsets sq_off;
  struct cq_offsets cq_off;
};
struct submission {
  uint8_t opcode, flags;
  uint16_t ioprio;
  int32_t fd;
  uint64_t off, addr;
  uint32_t len, rw_flags;
  uint64_t user_data, unused[3];
};
struct completion { uint64_t user_data; int32_t res; uint32_t flags; };
_Static_assert(sizeof(struct params) == 120 && sizeof(struct submission) == 64 && sizeof(struct completion) == 16, "the kernel's layout");

#define OFF_RINGS 0
#define OFF_SUBMISSIONS 0x10000000
#define OP_CANCEL 14
#define OP_READ 22
#define REGISTER_EVENTFD 4
#define GETEVENTS 1
#define FEATURES (1u | 8u)  // SINGLE_MMAP, RW_CUR_POS: Linux 5.6, which brought OP_READ too
#define CANCEL UINT64_MAX   // user_data of what cancels; of a read it is its index
#define HERE UINT64_MAX     // the file's own position, as read(2)

enum state { FREE, QUEUED, IN_FLIGHT, DONE };

typedef struct {
  uint8_t *data;
  int32_t result;  // bytes, or a negated errno
  enum state state;
} read_t;

typedef struct {
  pid_t pid;  // a forked child has a copy of the handle and the same ring, which is its parent's alone
  int fd, eventfd;
  bool closed;
  uint8_t *rings;
  struct submission *submissions;
  size_t rings_length, submissions_length;
  // In `rings`. The kernel writes the head of what it has been given and the tail of what it has done, we the other two.
  uint32_t *given_head, *given_tail, *done_head, *done_tail;
  uint32_t given_mask, done_mask;
  struct completion *completions;
  uint32_t tail;  // of our side: what lies between *given_tail and it is queued
  uint32_t count, in_flight;
  read_t *reads;
} ring_t;

static const napi_type_tag RING_TAG = {0x636f726461676572, 0x7ad4139be05c26f8};

static int enter(ring_t *r, uint32_t submit, uint32_t wait) {
  return (int)syscall(SYS_io_uring_enter, r->fd, submit, wait, wait ? GETEVENTS : 0, NULL, 0);
}

// The next place in the queue; there is one for each read, or for the cancel of each.
static struct submission *next_submission(ring_t *r) {
  struct submission *s = &r->submissions[r->tail++ & r->given_mask];
  memset(s, 0, sizeof *s);
  return s;
}

static void forget_read(read_t *slot) {
  free(slot->data);
  *slot = (read_t){0};
}

// Takes back what the kernel has not looked at: it looks only in io_uring_enter.
static void take_back_queued(ring_t *r) {
  r->tail = __atomic_load_n(r->given_head, __ATOMIC_ACQUIRE);
  __atomic_store_n(r->given_tail, r->tail, __ATOMIC_RELEASE);
  for (uint32_t i = 0; i < r->count; i++)
    if (r->reads[i].state == QUEUED) forget_read(&r->reads[i]);
}

// Gives the kernel what is queued, in order, and waits for `wait` completions. Returns how many it took, or -1.
static int give_queued(ring_t *r, uint32_t wait) {
  uint32_t head = __atomic_load_n(r->given_head, __ATOMIC_ACQUIRE);
  __atomic_store_n(r->given_tail, r->tail, __ATOMIC_RELEASE);
  int given = enter(r, r->tail - head, wait);
  for (int i = 0; i < given; i++, head++) {
    uint64_t index = r->submissions[head & r->given_mask].user_data;
    if (index == CANCEL) continue;
    r->reads[index].state = IN_FLIGHT;
    r->in_flight++;
  }
  return given;
}

// Takes completions: of reads, their indices go to `out`; as many as there is room for.
static size_t take_completions(ring_t *r, int32_t *out, size_t room) {
  uint32_t head = *r->done_head, tail = __atomic_load_n(r->done_tail, __ATOMIC_ACQUIRE);
  size_t taken = 0;
  while (head != tail && taken < room) {
    struct completion *c = &r->completions[head++ & r->done_mask];
    if (c->user_data >= r->count || r->reads[c->user_data].state != IN_FLIGHT) continue;
    r->reads[c->user_data].result = c->res;
    r->reads[c->user_data].state = DONE;
    r->in_flight--;
    if (out) out[taken] = (int32_t)c->user_data;
    taken++;
  }
  __atomic_store_n(r->done_head, head, __ATOMIC_RELEASE);
  return taken;
}

static void queue_cancels(ring_t *r) {
  for (uint32_t i = 0; i < r->count; i++) {
    if (r->reads[i].state != IN_FLIGHT) continue;
    struct submission *s = next_submission(r);
    s->opcode = OP_CANCEL;
    s->fd = -1;
    s->addr = i;
    s->user_data = CANCEL;
  }
}

// Ends every read that is in flight and waits until the kernel has let go of its memory: at once for pipes and sockets.
static void cancel_all(ring_t *r) {
  take_completions(r, NULL, SIZE_MAX);
  take_back_queued(r);
  queue_cancels(r);
  while (r->in_flight > 0) {
    if (give_queued(r, 1) == -1 && errno != EINTR && errno != EAGAIN && errno != EBUSY) return;
    take_completions(r, NULL, SIZE_MAX);
  }
}

// A forked child was not given its parent's mappings of a ring for sure: whatever is there now is not ours to unmap.
static void end_mapped_ring(ring_t *r) {
  if (!r->rings || r->pid != getpid()) return;
  cancel_all(r);
  munmap(r->rings, r->rings_length);
  munmap(r->submissions, r->submissions_length);
}

static void close_ring(void *data) {
  ring_t *r = data;
  if (r->closed) return;
  r->closed = true;
  end_mapped_ring(r);
  for (uint32_t i = 0; i < r->count; i++)
    if (r->reads[i].state != IN_FLIGHT) forget_read(&r->reads[i]);
  if (r->eventfd >= 0) close(r->eventfd);
  if (r->fd >= 0) close(r->fd);
}

static void free_ring(ring_t *r) {
  close_ring(r);
  free(r->reads);
  free(r);
}

static void handle_collected(napi_env env, void *data, void *hint) {
  (void)hint;
  napi_remove_env_cleanup_hook(env, close_ring, data);
  free_ring(data);
}

static int map_ring(ring_t *r, const struct params *p) {
  size_t given = p->sq_off.array + p->sq_entries * sizeof(uint32_t);
  size_t done = p->cq_off.cqes + p->cq_entries * sizeof(struct completion);
  r->rings_length = given > done ? given : done;
  r->submissions_length = p->sq_entries * sizeof(struct submission);
  void *rings = mmap(NULL, r->rings_length, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, r->fd, OFF_RINGS);
  if (rings == MAP_FAILED) return errno;
  void *submissions = mmap(NULL, r->submissions_length, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, r->fd, OFF_SUBMISSIONS);
  if (submissions == MAP_FAILED) {
    int error = errno;
    munmap(rings, r->rings_length);
    return error;
  }
  r->rings = rings;
  r->submissions = submissions;
  return 0;
}

static void find_words(ring_t *r, const struct params *p) {
  r->given_head = (uint32_t *)(r->rings + p->sq_off.head);
  r->given_tail = (uint32_t *)(r->rings + p->sq_off.tail);
  r->given_mask = *(uint32_t *)(r->rings + p->sq_off.ring_mask);
  r->done_head = (uint32_t *)(r->rings + p->cq_off.head);
  r->done_tail = (uint32_t *)(r->rings + p->cq_off.tail);
  r->done_mask = *(uint32_t *)(r->rings + p->cq_off.ring_mask);
  r->completions = (struct completion *)(r->rings + p->cq_off.cqes);
  uint32_t *places = (uint32_t *)(r->rings + p->sq_off.array);
  for (uint32_t i = 0; i < p->sq_entries; i++) places[i] = i;  // each place of the queue always names the same submission
}

static int open_ring(ring_t *r) {
  struct params p = {0};
  r->fd = (int)syscall(SYS_io_uring_setup, r->count, &p);  // close-on-exec
  if (r->fd == -1) return errno;
  if ((p.features & FEATURES) != FEATURES) return ENOSYS;
  r->eventfd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (r->eventfd == -1) return errno;
  if (syscall(SYS_io_uring_register, r->fd, REGISTER_EVENTFD, &r->eventfd, 1) == -1) return errno;
  int error = map_ring(r, &p);
  if (!error) find_words(r, &p);
  return error;
}

// uringOpen(reads) -> handle of a ring that has at most so many reads at once
static napi_value uring_open(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  int32_t count = args_int(&a, 0);
  if (a.failed) return NULL;
  if (count < 1 || count > MOST_READS) return failure(env, EINVAL);
  ring_t *r = calloc(1, sizeof *r);
  if (!r) return failure(env, ENOMEM);
  *r = (ring_t){.pid = getpid(), .fd = -1, .eventfd = -1, .count = (uint32_t)count};
  r->reads = calloc(r->count, sizeof *r->reads);
  int error = r->reads ? open_ring(r) : ENOMEM;
  if (error) {
    if (!r->reads) r->count = 0;
    free_ring(r);
    return failure(env, error);
  }
  napi_add_env_cleanup_hook(env, close_ring, r);
  return external(env, r, handle_collected, &RING_TAG);
}

static ring_t *ring_of(args_t *a) { return args_external(a, 0, &RING_TAG, "native edge: expected a ring handle"); }

static bool usable(const ring_t *r) { return !r->closed && r->pid == getpid(); }

static int32_t free_read(const ring_t *r) {
  for (uint32_t i = 0; i < r->count; i++)
    if (r->reads[i].state == FREE) return (int32_t)i;
  return -EBUSY;
}

// uringRead(handle, fd, length) -> the read's id, 0 or more; the kernel hears of it at the next uringSubmit. -EBUSY where there
// are as many as the ring has room for.
static napi_value uring_read(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  ring_t *r = ring_of(&a);
  int fd = args_int(&a, 1);
  int32_t length = args_int(&a, 2);
  if (a.failed) return NULL;
  if (!usable(r)) return failure(env, EBADF);
  if (length < 1) return failure(env, EINVAL);
  int32_t id = free_read(r);
  if (id < 0) return number(env, id);
  read_t *slot = &r->reads[id];
  *slot = (read_t){.data = malloc((size_t)length), .state = QUEUED};
  if (!slot->data) {
    forget_read(slot);
    return failure(env, ENOMEM);
  }
  struct submission *s = next_submission(r);
  s->opcode = OP_READ;
  s->fd = fd;
  s->off = HERE;
  s->addr = (uintptr_t)slot->data;
  s->len = (uint32_t)length;
  s->user_data = (uint64_t)id;
  return number(env, id);
}

// uringSubmit(handle) -> how many of the queued reads the kernel took, in order; the others are forgotten
static napi_value uring_submit(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  ring_t *r = ring_of(&a);
  if (a.failed) return NULL;
  if (!usable(r)) return failure(env, EBADF);
  int given;
  do given = give_queued(r, 0);
  while (given == -1 && errno == EINTR);
  int error = errno;
  take_back_queued(r);
  return given == -1 ? failure(env, error) : number(env, given);
}

// uringTake(handle, out) -> how many ids of done reads it wrote to `out`; fewer than there is room for: there are no more now
static napi_value uring_take(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  ring_t *r = ring_of(&a);
  size_t room = 0;
  int32_t *out = args_ints(&a, 1, 1, &room);
  if (a.failed) return NULL;
  if (!usable(r)) return failure(env, EBADF);
  uint64_t rung;
  // First the bell, then the ring: what is done in between rings again.
  if (read(r->eventfd, &rung, sizeof rung) == -1 && errno != EAGAIN && errno != EINTR) return failure(env, errno);
  return number(env, (double)take_completions(r, out, room));
}

static void free_bytes(napi_env env, void *data, void *hint) {
  (void)env;
  bool **gone = hint;
  if (*gone) **gone = true;
  free(gone);
  free(data);
}

// Hands the memory over to an ArrayBuffer that shows its first `length` bytes.
static napi_value give_away(napi_env env, uint8_t *data, size_t length) {
  bool gone = false, pending = false;
  bool **early = malloc(sizeof *early);  // set while the buffer is being made: Node may refuse it and have called back already
  napi_value buffer;
  if (!early) {
    free(data);
    return failure(env, ENOMEM);
  }
  *early = &gone;
  napi_status status = napi_create_external_arraybuffer(env, data, length, free_bytes, early, &buffer);
  if (status == napi_ok) {
    *early = NULL;
    return buffer;
  }
  if (!gone) free_bytes(env, data, early);
  napi_is_exception_pending(env, &pending);
  return pending ? NULL : failure(env, status == napi_no_external_buffers_allowed ? ENOTSUP : ENOMEM);
}

// uringBytes(handle, id) -> ArrayBuffer with what a done read has read, empty at the end of the file, or its negated errno
static napi_value uring_bytes(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  ring_t *r = ring_of(&a);
  int32_t id = args_int(&a, 1);
  if (a.failed) return NULL;
  if (!usable(r)) return failure(env, EBADF);
  if (id < 0 || (uint32_t)id >= r->count || r->reads[id].state != DONE) return failure(env, EINVAL);
  read_t done = r->reads[id];
  r->reads[id] = (read_t){0};
  if (done.result > 0) return give_away(env, done.data, (size_t)done.result);
  free(done.data);
  if (done.result < 0) return number(env, done.result);
  void *nothing;
  napi_value empty;
  return napi_create_arraybuffer(env, 0, &nothing, &empty) == napi_ok ? empty : failure(env, ENOMEM);
}

// uringEventfd(handle) -> the ring's descriptor that is readable once something is done; it goes with the ring
static napi_value uring_eventfd(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  ring_t *r = ring_of(&a);
  if (a.failed) return NULL;
  return usable(r) ? number(env, r->eventfd) : failure(env, EBADF);
}

// uringClose(handle): for good; reads that are in flight are cancelled, and their bytes, if they had some, are lost
static napi_value uring_close(napi_env env, napi_callback_info info) {
  args_t a = args_get(env, info);
  ring_t *r = ring_of(&a);
  if (a.failed) return NULL;
  close_ring(r);
  return number(env, 0);
}

void uring_exports(napi_env env, napi_value exports) {
  export_function(env, exports, "uringOpen", uring_open);
  export_function(env, exports, "uringRead", uring_read);
  export_function(env, exports, "uringSubmit", uring_submit);
  export_function(env, exports, "uringTake", uring_take);
  export_function(env, exports, "uringBytes", uring_bytes);
  export_function(env, exports, "uringEventfd", uring_eventfd);
  export_function(env, exports, "uringClose", uring_close);
}
