// For builds with the address sanitizer, `npm run stress:asan`: it is told which stack runs. Nothing in other builds.
#ifndef CORDAGE_ADDRESS_SANITIZER_H
#define CORDAGE_ADDRESS_SANITIZER_H

#include <cstddef>

#if defined(__SANITIZE_ADDRESS__)

#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>

// A stack, and what the sanitizer keeps with it while it is parked.
struct SanitizedStack {
  void *state = nullptr;
  const void *bottom = nullptr;
  size_t size = 0;
};

inline thread_local SanitizedStack *left_stack;

inline void before_switch(SanitizedStack *from, const SanitizedStack &to) {
  left_stack = from;
  __sanitizer_start_switch_fiber(&from->state, to.bottom, to.size);
}

// On the stack that control has come to. Only the one that was left can be asked for its bounds: the thread's own are not known otherwise.
inline void after_switch(const SanitizedStack &here) {
  __sanitizer_finish_switch_fiber(here.state, &left_stack->bottom, &left_stack->size);
}

#else

#define ASAN_UNPOISON_MEMORY_REGION(address, size) (static_cast<void>(0))

struct SanitizedStack {
  SanitizedStack() = default;
  SanitizedStack(void *, const void *, size_t) {}
};

inline void before_switch(SanitizedStack *, const SanitizedStack &) {}
inline void after_switch(const SanitizedStack &) {}

#endif

#endif
