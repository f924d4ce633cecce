// A switch between two stacks during which every register that a callee must keep has a known content.
#ifndef CORDAGE_TEST_HOLD_H
#define CORDAGE_TEST_HOLD_H

#include <cstdint>

// Written to the registers before the switch, and read from them after it.
#if defined(__x86_64__)
// rbx rbp r12 r13 r14 r15
struct Registers {
  uint64_t whole[6];
};
#else
// x19 to x29, d8 to d15
struct Registers {
  uint64_t whole[11];
  uint64_t floating[8];
};
#endif

extern "C" void hold(void **save, void *load, Registers *registers);

#endif
