// How fibers get their stacks, and how control goes from one to the other. README.md lists what V8 promises, and what was only observed.
#ifndef CORDAGE_ENGINE_H
#define CORDAGE_ENGINE_H

#include <optional>

#include "fiber.h"
#include "requests.h"
#include "stack-limit.h"

// Bytes of a stack. The least is what the stack engine needs to tell stacks apart, see its ids.
constexpr size_t LEAST_STACK = 128 * 1024, MOST_STACK = 1 << 30;

// What C++ code may use of a stack below the point where V8 says "Maximum call stack size exceeded": ICU, OpenSSL and the regular
// expressions of V8 go deep without asking. Seen to suffice: 48 KB.
constexpr size_t STACK_RESERVE = 48 * 1024;

class Engine {
 public:
  virtual ~Engine() = default;
  // Gives a fresh fiber a stack; false without memory.
  virtual bool prepare(Fiber *fiber) = 0;
  // Whether the caller is on the stack that `prepare` gave a fiber.
  virtual bool is_here(const Fiber *fiber) const = 0;
  // Whether the calling thread may transfer.
  virtual bool works_here() const = 0;
  // Parks the running fiber and goes on with another one; returns when somebody goes on with the first.
  virtual void transfer(Fiber *from, Fiber *to) = 0;
  // Gives the running fiber, whose stack ends, the place where a parked one would have gone on.
  virtual void replace(Fiber *running, Fiber *parked) = 0;
  // Takes the stack of a finished fiber back, from another one.
  virtual void reclaim(Fiber *fiber) = 0;
  virtual size_t mapped() const = 0;
};

// While there is one, the isolate is unlocked. It is entered as often as it was, afterwards, and not at all meanwhile. Why: an isolate that a
// parked fiber has entered could not be disposed of; and V8 hands the start of the stack to its heap when an isolate is entered for the
// first time. What was requested meanwhile is requested of whoever goes on: see requests.h. The limit of the stack is set again: see
// stack-limit.h.
class Outside {
 public:
  explicit Outside(v8::Isolate *isolate) : isolate_(isolate), limit_(stack_limit(isolate)), requests_(isolate) {
    do {
      isolate->Exit();
      entries_++;
    } while (v8::Isolate::TryGetCurrent() == isolate);
    unlocker_.emplace(isolate);
  }
  ~Outside() {
    requests_.take();
    lock();
    requests_.give();
    while (entries_-- > 0) isolate_->Enter();
    if (limit_) isolate_->SetStackLimit(limit_);
  }
  Outside(const Outside &) = delete;

 private:
  // Where a debugger steps over a switch, V8 11 (Node 20) prepares the next step while it restores what belongs to the thread, and looks for the
  // isolate that is entered then. To enter it notes this thread in what may still be the other one's state; who goes on there does so again.
  void lock() {
#if V8_MAJOR_VERSION < 12
    isolate_->Enter();
    unlocker_.reset();
    isolate_->Exit();
#else
    unlocker_.reset();
#endif
  }

  v8::Isolate *const isolate_;
  const uintptr_t limit_;
  Requests requests_;
  std::optional<v8::Unlocker> unlocker_;
  int entries_ = 0;
};

// A thread, or stack, that is new in the isolate has it.
class Inside {
 public:
  explicit Inside(v8::Isolate *isolate) {
    Requests requests(isolate);
    requests.take();
    locker_.emplace(isolate);
    requests.give();
    scope_.emplace(isolate);
  }
  Inside(const Inside &) = delete;

 private:
  std::optional<v8::Locker> locker_;
  std::optional<v8::Isolate::Scope> scope_;
};

// `stack_size` in bytes. nullptr, and a reason, where the engine cannot work.
std::unique_ptr<Engine> make_stack_engine(Realm *realm, size_t stack_size, const char **problem);
std::unique_ptr<Engine> make_threads_engine(Realm *realm, size_t stack_size, const char **problem);

#endif
