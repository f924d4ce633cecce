#include "ending.h"

#include <algorithm>
#include <vector>

namespace {

using Handles = std::vector<uv_handle_t *>;

Handles asynchronous_handles(uv_loop_t *loop) {
  Handles found;
  uv_walk(
      loop,
      [](uv_handle_t *handle, void *data) {
        if (handle->type == UV_ASYNC) static_cast<Handles *>(data)->push_back(handle);
      },
      &found);
  return found;
}

// nullptr if `make` makes none, or throws.
uv_handle_t *made_by(v8::Isolate *isolate, uv_loop_t *loop, v8::Local<v8::Function> make) {
  const Handles before = asynchronous_handles(loop);
  const v8::TryCatch caught(isolate);
  if (make->Call(isolate->GetCurrentContext(), v8::Undefined(isolate), 0, nullptr).IsEmpty()) return nullptr;
  for (uv_handle_t *handle : asynchronous_handles(loop))
    if (std::find(before.begin(), before.end(), handle) == before.end()) return handle;
  return nullptr;
}

}  // namespace

Ending::Ending(v8::Isolate *isolate, v8::Local<v8::Function> make_handle, void (*ends)(void *data), void *data)
    : each_(new uv_prepare_t), ends_(ends), data_(data) {
  uv_loop_t *loop = node::GetCurrentEventLoop(isolate);
  handle_ = made_by(isolate, loop, make_handle);
  uv_prepare_init(loop, each_);
  uv_unref(reinterpret_cast<uv_handle_t *>(each_));
  each_->data = this;
  if (handle_) uv_prepare_start(each_, turn);
}

// Node has turned the loop for the last time if it has not come to `turn`.
Ending::~Ending() {
  if (stopped_) return;
  uv_loop_t *const loop = each_->loop;
  stop();
  uv_run(loop, UV_RUN_NOWAIT);
}

void Ending::turn(uv_prepare_t *each) {
  auto *ending = static_cast<Ending *>(each->data);
  if (!uv_is_closing(ending->handle_)) return;
  ending->stop();
  ending->ends_(ending->data_);
}

// The handle that is watched is about to be gone.
void Ending::stop() {
  stopped_ = true;
  uv_close(reinterpret_cast<uv_handle_t *>(each_), [](uv_handle_t *handle) { delete reinterpret_cast<uv_prepare_t *>(handle); });
}
