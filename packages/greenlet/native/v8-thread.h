// The two thread-local variables of V8 by which it knows which thread runs, and where that thread's stack begins.
//
// What V8 promises: several threads may take turns in an isolate (v8::Locker, v8::Unlocker); it archives the state of one and restores
// the other's. What it merely does, seen in 11.3 (Node 20) to 14.x (Node 26):
//   - it keys the archive by a small integer in a thread_local of the executable (ThreadId);
//   - its collector scans the native stack up to an address in a second thread_local (the start of this thread's stack).
// Both are found by what they contain, checked whenever they are used for the first time in a thread, and written by the stack engine
// alone. Where they are not found, exactly once each, there is no stack engine.
#ifndef CORDAGE_V8_THREAD_H
#define CORDAGE_V8_THREAD_H

#include <v8.h>

struct V8Thread {
  int *id;
  void **stack_start;
};

// Finds the variables of the calling thread, which has the isolate locked and entered, and no handle scope whose handles are used
// afterwards. Returns nullptr and fills in *thread, or a reason.
const char *find_v8_thread(v8::Isolate *isolate, V8Thread *thread);

#endif
