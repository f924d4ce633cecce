// Notices that an environment ends while all that belongs to it is still there.
//
// What Node promises, a cleanup hook, comes when its own objects have been deleted: C++ of theirs may be on parked stacks, an HTTP parser that
// has called back for instance, and is to return before. What Node does first of all, seen in 20 to 26, is to close the handles of those
// objects, and to let the loop go round: nothing is deleted before the end of that turn. So a turn in which a handle that only Node closes is
// closing is the moment.
#ifndef CORDAGE_ENDING_H
#define CORDAGE_ENDING_H

#include <node.h>
#include <uv.h>

class Ending {
 public:
  // `make_handle` is JavaScript that makes an object with an asynchronous handle of libuv's, such as a MessagePort, which it keeps for good.
  // `ends(data)` is called once, with the isolate locked and entered. Without such a handle it is never called.
  Ending(v8::Isolate *isolate, v8::Local<v8::Function> make_handle, void (*ends)(void *data), void *data);
  // In the cleanup hook at the latest.
  ~Ending();
  Ending(const Ending &) = delete;

 private:
  static void turn(uv_prepare_t *each);
  void stop();

  uv_prepare_t *const each_;  // libuv's until it has been closed
  uv_handle_t *handle_ = nullptr;
  void (*const ends_)(void *data);
  void *const data_;
  bool stopped_ = false;
};

#endif
