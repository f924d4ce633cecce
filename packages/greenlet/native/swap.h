// Switching between stacks of one thread: swap-x64.S and swap-arm64.S.
#ifndef CORDAGE_SWAP_H
#define CORDAGE_SWAP_H

#include <cstddef>

// Saves the running stack's pointer to *save and goes on at `load`; returns when somebody goes on at *save.
extern "C" void cordage_swap(void **save, void *load);

// A parked stack that calls `entry` once it is gone on with. `entry` never returns. `top` is the end of the stack, exclusive.
void *fresh_stack(char *top, void (*entry)());

#endif
