// One thread, many stacks. V8 is made to believe that another thread has come: see v8-thread.h.
//
// A transfer: 1. leaving, ~Unlocker's counterpart archives the state of the running "thread" under its id; 2. the id, the start of the
// stack and the stack pointer are exchanged; 3. arriving, the other side's ~Unlocker (or, for a new stack, its Locker) restores, or
// begins, what belongs to the new id. Between 1 and 3 no V8 code runs.
#include "engine.h"
#include "slabs.h"
#include "swap.h"
#include "v8-thread.h"

#include <vector>

namespace {

constexpr int FIRST_ID = 1 << 30;  // V8 counts real threads from 1

struct Part {
  void *sp = nullptr;
  Stack stack;
  int id = 0;
  void *start = nullptr;
};

class StackEngine;
thread_local StackEngine *arriving;

class StackEngine : public Engine {
 public:
  StackEngine(Realm *realm, size_t stack_size, V8Thread thread) : realm_(realm), slabs_(stack_size), thread_(thread) {
    main_.id = *thread.id;
    main_.start = *thread.stack_start;
    realm->main->engine_part = &main_;
  }

  const char *name() const override { return "stack"; }

  bool prepare(Fiber *fiber) override {
    auto part = std::make_unique<Part>();
    if (!slabs_.take(&part->stack)) return false;
    part->id = take_id();
    part->start = part->stack.top();
    part->sp = fresh_stack(part->stack.top(), enter);
    fiber->engine_part = part.release();
    return true;
  }

  // Exit and Enter: an isolate that a parked fiber has entered could not be disposed of; and V8 hands the start of the stack to its
  // heap when an isolate is entered.
  void transfer(Fiber *from, Fiber *to) override {
    realm_->isolate->Exit();
    {
      v8::Unlocker unlocker(realm_->isolate);
      swap(part_of(from), part_of(to));
    }
    realm_->isolate->Enter();
  }

  void reclaim(Fiber *fiber) override {
    Part *part = part_of(fiber);
    slabs_.give_back(part->stack);
    ids_.push_back(part->id);
    delete part;
    fiber->engine_part = nullptr;
  }

  size_t mapped() const override { return slabs_.mapped(); }

 private:
  static Part *part_of(Fiber *fiber) { return static_cast<Part *>(fiber->engine_part); }

  int take_id() {
    if (ids_.empty()) return next_id_++;
    const int id = ids_.back();
    ids_.pop_back();
    return id;
  }

  void swap(Part *from, Part *to) {
    arriving = this;
    *thread_.id = to->id;
    *thread_.stack_start = to->start;
    cordage_swap(&from->sp, to->sp);
  }

  static void enter() {
    StackEngine *engine = arriving;
    Fiber *fiber = engine->realm_->current;
    Fiber *next = engine->run(fiber);
    engine->swap(part_of(fiber), part_of(next));
    __builtin_unreachable();
  }

  Fiber *run(Fiber *fiber) {
    v8::Isolate *isolate = realm_->isolate;
    v8::Locker locker(isolate);
    isolate->SetStackLimit(reinterpret_cast<uintptr_t>(part_of(fiber)->stack.bottom) + STACK_RESERVE);
    v8::Isolate::Scope scope(isolate);
    return run_body(fiber);
  }

  Realm *const realm_;
  Slabs slabs_;
  const V8Thread thread_;
  Part main_;
  std::vector<int> ids_;
  int next_id_ = FIRST_ID;
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
