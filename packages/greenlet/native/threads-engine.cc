// A thread of the system for each fiber, of which one runs at a time: what v8::Locker and v8::Unlocker are made for.
#include "engine.h"

#include <pthread.h>

#include <semaphore>

namespace {

using Waker = std::binary_semaphore;

struct Part {
  Waker start{0};
  Waker *waker = &start;  // of the thread in which it goes on, which may be one of another realm
  Fiber *fiber = nullptr;
  pthread_t thread{};
};

class ThreadsEngine : public Engine {
 public:
  ThreadsEngine(Realm *realm, size_t stack_size) : realm_(realm), stack_size_(stack_size) { realm->main->engine_part = &main_; }

  bool prepare(Fiber *fiber) override {
    auto part = std::make_unique<Part>();
    part->fiber = fiber;
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, stack_size_);
    const int error = pthread_create(&part->thread, &attributes, run, part.get());
    pthread_attr_destroy(&attributes);
    if (error) return false;
    mapped_ += stack_size_;
    fiber->engine_part = part.release();
    return true;
  }

  bool is_here(const Fiber *fiber) const override {
    const Part *part = part_of(fiber);
    return part && part->fiber && pthread_equal(part->thread, pthread_self());
  }

  bool works_here() const override { return true; }

  void transfer(Fiber *from, Fiber *to) override {
    const Outside outside(realm_->isolate);
    Waker here{0};
    part_of(from)->waker = &here;
    part_of(to)->waker->release();
    here.acquire();
  }

  void replace(Fiber *running, Fiber *parked) override { part_of(running)->waker = part_of(parked)->waker; }

  void reclaim(Fiber *fiber) override {
    Part *part = part_of(fiber);
    pthread_join(part->thread, nullptr);
    mapped_ -= stack_size_;
    delete part;
    fiber->engine_part = nullptr;
  }

  size_t mapped() const override { return mapped_; }

 private:
  static Part *part_of(const Fiber *fiber) { return static_cast<Part *>(fiber->engine_part); }

  // The lowest address of the calling thread's stack.
  static uintptr_t lowest() {
    pthread_attr_t attributes;
    void *bottom = nullptr;
    size_t size = 0, guard = 0;
    pthread_getattr_np(pthread_self(), &attributes);
    pthread_attr_getstack(&attributes, &bottom, &size);
    pthread_attr_getguardsize(&attributes, &guard);
    pthread_attr_destroy(&attributes);
    return reinterpret_cast<uintptr_t>(bottom) + guard;
  }

  static void *run(void *data) {
    auto *part = static_cast<Part *>(data);
    v8::Isolate *isolate = part->fiber->realm->isolate;
    part->start.acquire();
    Fiber *next;
    {
      const Inside inside(isolate);
      isolate->SetStackLimit(lowest() + STACK_RESERVE);
      next = run_body(part->fiber);
    }
    isolate->DiscardThreadSpecificMetadata();  // about 100 bytes for each thread that there ever was
    part_of(next)->waker->release();
    return nullptr;
  }

  Realm *const realm_;
  const size_t stack_size_;
  Part main_;
  size_t mapped_ = 0;
};

}  // namespace

std::unique_ptr<Engine> make_threads_engine(Realm *realm, size_t stack_size, const char **problem) {
  *problem = nullptr;
  return std::make_unique<ThreadsEngine>(realm, stack_size);
}
