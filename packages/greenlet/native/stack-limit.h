// Keeps V8's idea of how far down the stack may go right for whoever runs, in V8 14 (Node 26).
//
// What V8 promises: each thread that takes turns in an isolate may have its own limit (Isolate::SetStackLimit). What it does, seen in 14.6:
// the limit is the thread's, but the size that is computed from it, by which V8 checks when it throws that it is on the stack it thinks of,
// is the isolate's. Once a fiber with a small stack has set its limit, an error deep on the main stack ends the process: "Check failed:
// IsOnCentralStack()". Hence each transfer sets the limit again when it returns. V8 has no function that tells a limit: it is read where
// SetStackLimit is seen to write it.
#ifndef CORDAGE_STACK_LIMIT_H
#define CORDAGE_STACK_LIMIT_H

#include <v8.h>

#include <cstdint>

// To be called once in each isolate, which the calling thread has locked and entered; no handle scope's handles are used afterwards.
void find_stack_limit(v8::Isolate *isolate);

// The limit of the running stack, 0 if it is not known, or need not be.
uintptr_t stack_limit(v8::Isolate *isolate);

// False where the limit would have to be set again, and was not found.
bool keeps_stack_limits();

#endif
