// How fibers get their stacks, and how control goes from one to the other.
#ifndef CORDAGE_ENGINE_H
#define CORDAGE_ENGINE_H

#include "fiber.h"

// What C++ code may use of a stack below the point where V8 says "Maximum call stack size exceeded": ICU, OpenSSL and the regular
// expressions of V8 go deep without asking. Seen to suffice: 48 KB.
constexpr size_t STACK_RESERVE = 48 * 1024;

class Engine {
 public:
  virtual ~Engine() = default;
  virtual const char *name() const = 0;
  // Gives a fresh fiber a stack; false without memory.
  virtual bool prepare(Fiber *fiber) = 0;
  // Parks the running fiber and goes on with another one; returns when somebody goes on with the first.
  virtual void transfer(Fiber *from, Fiber *to) = 0;
  // Takes the stack of a finished fiber back, from another one.
  virtual void reclaim(Fiber *fiber) = 0;
  virtual size_t mapped() const = 0;
};

// `stack_size` in bytes. nullptr, and a reason, where the engine cannot work.
std::unique_ptr<Engine> make_stack_engine(Realm *realm, size_t stack_size, const char **problem);
std::unique_ptr<Engine> make_threads_engine(Realm *realm, size_t stack_size, const char **problem);

#endif
