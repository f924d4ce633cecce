// Keeps requests to stop or to interrupt JavaScript that come in the middle of a switch: worker.terminate(), the time limit of node:vm, the
// inspector, V8's own.
//
// What V8 promises: they may come from any thread, at any time (Isolate::TerminateExecution, RequestInterrupt). What it does, seen in 11.3
// to 14.6: a request is a flag in the state of whichever thread has the isolate. One that comes when a stack is about to give way is archived
// with it, and has to wait until that stack goes on, if ever; where the stack has ended, the next state is written over it.
//
// Hence whoever arrives takes the flags out of the state that is left, and sets them again in his own. Between the two no request may come:
// V8 makes requests, and exchanges states, under one mutex, which is held meanwhile. Both are looked for in the isolate, by what they
// contain. Where one is not found, switches work without this, and requests may be lost: src/internal/unfound.ts says so.
#ifndef CORDAGE_REQUESTS_H
#define CORDAGE_REQUESTS_H

#include <v8.h>

#include <cstddef>
#include <cstdint>

// Where they are, in bytes from the start of an isolate: a property of the executable.
struct RequestPlaces {
  bool found = false;
  size_t mutex = 0, flags = 0;
};

// To be called in each isolate, which the calling thread has locked and entered; no handle scope's handles are used afterwards. Looking takes
// 10 ms, and much more on a busy machine.
void find_requests(v8::Isolate *isolate);

// In place of looking: what was found in another process of the same executable. False for what cannot be.
bool recall_requests(double mutex, double flags);

RequestPlaces request_places();

class Requests {
 public:
  explicit Requests(v8::Isolate *isolate) : isolate_(isolate) {}
  Requests(const Requests &) = delete;
  // Before V8 restores, or begins, the state of whoever arrives. Nobody else has the isolate.
  void take();
  // Right after that.
  void give();

 private:
  v8::Isolate *const isolate_;
  uint32_t flags_ = 0;
};

#endif
