// A stack of JavaScript that can be parked, and the realm that it belongs to.
#ifndef CORDAGE_FIBER_H
#define CORDAGE_FIBER_H

#include <node.h>
#include <v8.h>

#include <cstdint>
#include <memory>

#include "context-frame.h"
#include "ending.h"

class Engine;
struct Realm;

// Life: fresh -> parked (it has a stack) <-> running -> finished -> fresh, when its stack has been taken back. The main fiber is never finished.
enum class State { fresh, running, parked, finished };

struct Fiber {
  explicit Fiber(Realm *its_realm) : realm(its_realm) {}
  Realm *const realm;
  State state = State::fresh;
  int32_t number = 0;  // by which JavaScript knows it, from `prepare` on; 0 is the main one
  void *engine_part = nullptr;  // the engine's, from `prepare` to `reclaim`
  Fiber *before = nullptr, *after = nullptr;  // among the realm's
  v8::Global<v8::Object> handle;  // weak, so that JavaScript's last reference to a fresh or finished fiber is noticed
};

// What one copy of the package has in one environment (the main thread, or a worker). An environment may have several: other versions
// in the same service, or jest, which loads a module anew for each test file. They know nothing of each other, and their fibers mix
// freely, because of one thing:
//
// INVARIANT: a realm gives each of its fibers, but for the running one, a place to go on from, on whatever stack that is. `main` is the
// name of whoever opened the realm, be it on the thread's own stack or on a fiber of another realm.
struct Realm {
  v8::Isolate *isolate = nullptr;
  v8::Global<v8::Context> context;
  v8::Global<v8::FunctionTemplate> handle_class;
  std::shared_ptr<v8::BackingStore> shared;  // with JavaScript
  int32_t *running = nullptr;  // in there: the number of the current fiber
  v8::Global<v8::Function> body;  // runs in each new fiber, and once more if it was unwound; returns the handle of the one that is next
  std::unique_ptr<Engine> engine;
  std::unique_ptr<Fiber> main;
  Fiber *current = nullptr;
  Fiber *first = nullptr;  // of all, the main one aside
  Fiber *finished = nullptr;  // has left its stack for good, which nobody could free while it was on it
  bool terminating = false;  // JavaScript is being unwound: whoever runs next is too
  bool closing = false;      // the environment ends: nobody may park any more
  std::unique_ptr<Ending> ending;
  double fibers = 0, lost = 0;
  size_t *callback_depth = nullptr;  // see callback-depth.h
  v8::Global<FrameType> context_frame;  // while a collection lasts, see gc-guard.h
};

// Notes who runs from now on, or will as soon as control has come there.
void set_current(Realm *realm, Fiber *fiber);

// Lists a fresh fiber, whose handle is `handle`, among the realm's.
void list(Fiber *fiber, v8::Local<v8::Object> handle);

// Parks the running fiber, and goes on with a parked one; returns when somebody goes on with the first.
void go_to(Realm *realm, Fiber *target);

// Whose stack the caller is on; nullptr if it is none of this realm. Not always the running fiber: see the invariant above.
Fiber *fiber_of_this_stack(const Realm *realm);

// Runs the body on a new stack, with the isolate locked, and says which fiber is next. Called by engines.
Fiber *run_body(Fiber *fiber);

// The fiber of a handle that this realm made; nullptr for anything else.
Fiber *fiber_of(Realm *realm, v8::Local<v8::Value> value);

// Ends what is parked, so that no thread and no stack outlives the environment: JavaScript is unwound as by worker.terminate(). C++ on those
// stacks returns, too, so that this has to come before what it belongs to is cleaned up: see ending.h.
void end_fibers(void *realm);

// The environment's cleanup hook.
void close_realm(void *realm);

#endif
