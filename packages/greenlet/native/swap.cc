#include "swap.h"

#include <cstdint>
#include <cstring>

// Where a fresh stack goes on: calls what is in a register that switches keep. Nobody has called it, and it says so: backtraces end there.
extern "C" void cordage_begin();

#if defined(__x86_64__)

void *fresh_stack(char *top, void (*entry)()) {
  auto *sp = reinterpret_cast<void **>(reinterpret_cast<uintptr_t>(top) & ~uintptr_t{15});
  *--sp = reinterpret_cast<void *>(cordage_begin);
  *--sp = nullptr;  // rbp: frames that are found by it end here
  *--sp = reinterpret_cast<void *>(entry);  // rbx
  for (int i = 0; i < 4; i++) *--sp = nullptr;
  uint32_t mxcsr;
  uint16_t x87;
  asm volatile("stmxcsr %0" : "=m"(mxcsr));
  asm volatile("fnstcw %0" : "=m"(x87));
  *--sp = nullptr;
  std::memcpy(sp, &mxcsr, sizeof mxcsr);
  std::memcpy(reinterpret_cast<char *>(sp) + 4, &x87, sizeof x87);
  return sp;
}

#elif defined(__aarch64__)

void *fresh_stack(char *top, void (*entry)()) {
  constexpr size_t words = 176 / sizeof(uint64_t), x19 = 0, link = 11, control = 20;
  auto *sp = reinterpret_cast<uint64_t *>(reinterpret_cast<uintptr_t>(top) & ~uintptr_t{15}) - words;
  std::memset(sp, 0, words * sizeof *sp);
  sp[x19] = reinterpret_cast<uint64_t>(entry);
  sp[link] = reinterpret_cast<uint64_t>(cordage_begin);
  asm volatile("mrs %0, fpcr" : "=r"(sp[control]));
  return sp;
}

#else

void *fresh_stack(char *, void (*)()) { return nullptr; }
extern "C" void cordage_swap(void **, void *) {}

#endif
