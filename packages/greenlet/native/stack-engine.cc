// One thread, many stacks. V8 is made to believe that another thread has come: see v8-thread.h.
//
// A transfer: 1. leaving, Outside archives the state of the running "thread" under its id; 2. the id, the start of the stack and the
// stack pointer are exchanged; 3. arriving, the other side's ~Outside (or, for a new stack, its Locker) restores, or begins, what
// belongs to the new id. Between 1 and 3 no V8 code runs.
#include "address-sanitizer.h"
#include "engine.h"
#include "slabs.h"
#include "swap.h"
#include "v8-thread.h"

#include <pthread.h>

namespace {

// Where a parked fiber goes on, and what V8 has to believe there. Taken at each switch: it may be a stack of another realm.
struct Place {
  void *sp = nullptr;
  int id = 0;
  void *start = nullptr;
  [[no_unique_address]] SanitizedStack sanitized;
};

struct Part {
  Place place;
  Stack stack;
};

// V8 counts real threads from 1. The numbers of stacks are far above, and differ in all realms of a process, even if another copy of
// this library made them: no two stacks, of 128 KiB and more, share an address divided by that. They fit 31 bits, as addresses do 48.
int id_of(const Stack &stack) { return static_cast<int>(reinterpret_cast<uintptr_t>(stack.bottom) / LEAST_STACK); }

class StackEngine;
thread_local StackEngine *arriving;

class StackEngine : public Engine {
 public:
  StackEngine(Realm *realm, size_t stack_size, V8Thread thread) : realm_(realm), slabs_(stack_size), v8_(thread), thread_(pthread_self()) {
    realm->main->engine_part = &main_;
  }

  bool prepare(Fiber *fiber) override {
    auto part = std::make_unique<Part>();
    if (!slabs_.take(&part->stack)) return false;
    char *top = part->stack.top();
    part->place = {fresh_stack(top, enter), id_of(part->stack), top, {nullptr, part->stack.bottom, part->stack.size}};
    fiber->engine_part = part.release();
    return true;
  }

  bool is_here(const Fiber *fiber) const override {
    const Part *part = part_of(fiber);
    return part && part->stack.bottom && id_of(part->stack) == *v8_.id;
  }

  bool works_here() const override { return pthread_equal(thread_, pthread_self()); }

  void transfer(Fiber *from, Fiber *to) override {
    const Outside outside(realm_->isolate);
    swap(&part_of(from)->place, part_of(to)->place);
  }

  void replace(Fiber *running, Fiber *parked) override { part_of(running)->place = part_of(parked)->place; }

  void reclaim(Fiber *fiber) override {
    Part *part = part_of(fiber);
    slabs_.give_back(part->stack);
    delete part;
    fiber->engine_part = nullptr;
  }

  size_t mapped() const override { return slabs_.mapped(); }

 private:
  static Part *part_of(const Fiber *fiber) { return static_cast<Part *>(fiber->engine_part); }

  void swap(Place *from, const Place &to) {
    from->id = *v8_.id;
    from->start = *v8_.stack_start;
    arriving = this;
    *v8_.id = to.id;
    *v8_.stack_start = to.start;
    before_switch(&from->sanitized, to.sanitized);
    cordage_swap(&from->sp, to.sp);
    after_switch(from->sanitized);
  }

  static void enter() {
    after_switch({});
    StackEngine *engine = arriving;
    Fiber *next = engine->run(engine->realm_->current);
    Place nowhere;
    engine->swap(&nowhere, part_of(next)->place);
    __builtin_unreachable();
  }

  Fiber *run(Fiber *fiber) {
    v8::Isolate *isolate = realm_->isolate;
    const Inside inside(isolate);
    isolate->SetStackLimit(reinterpret_cast<uintptr_t>(part_of(fiber)->stack.lowest()) + STACK_RESERVE);
    return run_body(fiber);
  }

  Realm *const realm_;
  Slabs slabs_;
  const V8Thread v8_;
  const pthread_t thread_;  // whose the two variables of V8 are
  Part main_;
};

}  // namespace

std::unique_ptr<Engine> make_stack_engine(Realm *realm, size_t stack_size, const char **problem) {
#if defined(__x86_64__) || defined(__aarch64__)
  V8Thread thread;
  *problem = find_v8_thread(realm->isolate, &thread);
  if (!*problem) return std::make_unique<StackEngine>(realm, stack_size, thread);
#else
  *problem = "there is no code that switches stacks on this processor";
#endif
  return nullptr;
}
